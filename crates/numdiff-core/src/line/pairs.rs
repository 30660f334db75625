//! The pairs i < j, numbered row by row.

/// Pair number `k` of the pairs i < j below n, row by row: (0, 1), (0, 2), …, (1, 2), …
pub(super) fn pair(n: usize, k: usize) -> (usize, usize) {
    let start = |i: usize| i * (2 * n - i - 1) / 2;
    let b = 2.0 * n as f64 - 1.0;
    let mut i = ((b - (b * b - 8.0 * k as f64).max(0.0).sqrt()) / 2.0) as usize;
    i = i.min(n.saturating_sub(2));
    while start(i) > k {
        i -= 1;
    }
    while i + 2 < n && start(i + 1) <= k {
        i += 1;
    }
    (i, i + 1 + k - start(i))
}

#[cfg(test)]
mod tests {
    use super::pair;

    #[test]
    fn pairs_row_by_row() {
        for n in 2..40 {
            let mut k = 0;
            for i in 0..n {
                for j in i + 1..n {
                    assert_eq!(pair(n, k), (i, j));
                    k += 1;
                }
            }
        }
        // Far out, where the square root rounds.
        let n = 1_000_000;
        for k in [0, n - 2, n - 1, n * (n - 1) / 2 - 1] {
            let (i, j) = pair(n, k);
            assert_eq!(i * (2 * n - i - 1) / 2 + j - i - 1, k);
            assert!(i < j && j < n);
        }
    }
}
