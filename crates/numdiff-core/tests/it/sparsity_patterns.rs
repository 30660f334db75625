//! Sparsity patterns: what they hold, and what is none.

use numdiff_core::{Error, SparsityPattern};
use proptest::prelude::*;

proptest! {
    #[test]
    fn patterns_agree_with_their_entries(m in 1_usize..9, n in 1_usize..9, entries in prop::collection::vec((0_usize..9, 0_usize..9), 0..30)) {
        let entries: Vec<_> = entries.into_iter().filter(|&(i, j)| i < m && j < n).collect();
        let p = SparsityPattern::from_triplets(m, n, entries.clone()).unwrap();
        for i in 0..m {
            for j in 0..n {
                prop_assert_eq!(p.contains(i, j), entries.contains(&(i, j)));
            }
        }
        let (starts, rows) = p.csc();
        prop_assert_eq!(&SparsityPattern::from_csc(m, n, starts, rows).unwrap(), &p);
        let (starts, columns) = p.csr();
        prop_assert_eq!(&SparsityPattern::from_csr(m, n, starts, columns).unwrap(), &p);
        prop_assert_eq!(&SparsityPattern::from_fn(m, n, |i, j| entries.contains(&(i, j))), &p);
        prop_assert_eq!(&SparsityPattern::from_rows(m, n, |i| p.row(i).to_vec()).unwrap(), &p);
        prop_assert_eq!(&p.transpose().transpose(), &p);
    }
}

#[test]
fn bad_patterns_are_errors() {
    let outside = SparsityPattern::from_triplets(2, 3, [(0, 0), (1, 3)]);
    assert!(matches!(
        outside,
        Err(Error::EntryOutOfRange {
            row: 1,
            column: 3,
            rows: 2,
            columns: 3
        })
    ));
    assert!(matches!(
        SparsityPattern::from_csc(2, 2, &[0, 1], &[0]),
        Err(Error::Length { expected: 3, .. })
    ));
    assert!(matches!(
        SparsityPattern::from_csc(2, 2, &[0, 2, 1], &[0]),
        Err(Error::PatternParts { .. })
    ));
    assert!(matches!(
        SparsityPattern::from_csc(2, 2, &[0, 1, 3], &[0, 1]),
        Err(Error::Length { .. })
    ));
    assert!(matches!(
        SparsityPattern::from_csc(2, 2, &[0, 2, 2], &[1, 0]),
        Err(Error::PatternParts { place: 1, .. })
    ));
    assert!(matches!(
        SparsityPattern::from_csc(2, 2, &[0, 1, 2], &[0, 2]),
        Err(Error::EntryOutOfRange {
            row: 2,
            column: 1,
            ..
        })
    ));
    assert!(matches!(
        SparsityPattern::from_csr(2, 2, &[0, 1, 2], &[0, 2]),
        Err(Error::EntryOutOfRange {
            row: 1,
            column: 2,
            ..
        })
    ));
    assert!(matches!(
        SparsityPattern::from_rows(1, 1, |_| [1]),
        Err(Error::EntryOutOfRange { .. })
    ));
    assert!(matches!(
        SparsityPattern::dense(usize::MAX, 2),
        Err(Error::PatternTooLarge { .. })
    ));
    // More rows or columns than can be numbered, and none of the entries.
    for huge in [usize::MAX, usize::MAX / 4] {
        for pattern in [
            SparsityPattern::banded(huge, 1, 1, 1),
            SparsityPattern::banded(1, huge, 1, 1),
            SparsityPattern::from_triplets(huge, 1, []),
            SparsityPattern::from_rows(0, huge, |_| []),
        ] {
            assert!(matches!(pattern, Err(Error::PatternTooLarge { .. })));
        }
    }
}

/// A saved pattern is what it was; a damaged one is an error, never a panic later.
#[test]
fn damaged_files_are_errors() {
    let pattern = SparsityPattern::banded(4, 3, 1, 0).unwrap();
    let text = serde_json::to_string(&pattern).unwrap();
    assert_eq!(
        serde_json::from_str::<SparsityPattern>(&text).unwrap(),
        pattern
    );
    for (from, to) in [
        ("\"rows\":4", "\"rows\":1"),
        ("\"columns\":3", "\"columns\":30"),
        ("\"column_starts\":[0,", "\"column_starts\":[9,"),
        ("\"row_indices\":[0,", "\"row_indices\":[7,"),
    ] {
        let damaged = text.replace(from, to);
        assert_ne!(damaged, text, "{from} is not in {text}");
        assert!(
            serde_json::from_str::<SparsityPattern>(&damaged).is_err(),
            "{damaged}"
        );
    }
}
