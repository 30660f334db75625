//! Patterns of the kinds that sparse problems have, generated; seeds are fixed.

use numdiff_core::SparsityPattern;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A pattern with the colorings that make sense for it: c(olumns), r(ows), s(tar), a(cyclic).
pub struct Matrix {
    pub name: String,
    pub pattern: SparsityPattern,
    pub kinds: &'static str,
    /// Fewest colors possible for each kind, where theory knows it.
    pub optimum: Option<[usize; 4]>,
}

/// All of them; `large` adds those of a million rows.
pub fn all(large: bool) -> Vec<Matrix> {
    let mut all = Vec::new();
    let mut add = |name: String, pattern: SparsityPattern, optimum: Option<[usize; 4]>| {
        let kinds = if pattern.is_symmetric() { "crsa" } else { "cr" };
        all.push(Matrix {
            name,
            pattern,
            kinds,
            optimum,
        });
    };
    let ok = |p: Result<SparsityPattern, numdiff_core::Error>| {
        p.expect("generated patterns are well formed")
    };
    for (n, lower, upper) in [
        (500, 1, 1),
        (1000, 2, 2),
        (1000, 5, 5),
        (2000, 3, 0),
        (2000, 1, 7),
        (300, 20, 20),
    ] {
        let width = lower + upper + 1;
        let optimum = (lower == upper).then_some([width, width, width, lower + 1]);
        add(
            format!("band-{n}-{lower}-{upper}"),
            ok(SparsityPattern::banded(n, n, lower, upper)),
            optimum,
        );
    }
    for n in [50, 1000] {
        let arrow = |i: usize, j: usize, hub: usize| i == j || i == hub || j == hub;
        for hub in [0, n - 1] {
            let p = SparsityPattern::from_fn(n, n, |i, j| arrow(i, j, hub));
            add(format!("arrow-{n}-hub{hub}"), p, Some([n, n, 2, 2]));
        }
    }
    for (nx, ny) in [(10, 10), (17, 23), (40, 40), (50, 31), (100, 100)] {
        add(
            format!("grid5-{nx}x{ny}"),
            grid(&[nx, ny], 1),
            Some([5, 5, 5, 3]),
        );
        add(
            format!("grid9-{nx}x{ny}"),
            grid(&[nx, ny], 2),
            Some([9, 9, 0, 0]),
        );
    }
    for n in [8, 15] {
        add(
            format!("grid7-{n}^3"),
            grid(&[n, n, n], 1),
            Some([7, 7, 0, 4]),
        );
        add(
            format!("grid27-{n}^3"),
            grid(&[n, n, n], 3),
            Some([27, 27, 0, 0]),
        );
    }
    let mut random = ChaCha8Rng::seed_from_u64(2005);
    add(
        "grid5-shuffled".into(),
        shuffle(&grid(&[40, 40], 1), &mut random),
        None,
    );
    add(
        "grid9-shuffled".into(),
        shuffle(&grid(&[40, 40], 2), &mut random),
        None,
    );
    add(
        "band-shuffled".into(),
        shuffle(&ok(SparsityPattern::banded(1000, 1000, 4, 4)), &mut random),
        Some([9, 9, 9, 5]),
    );
    for (n, degree) in [
        (200, 3),
        (500, 5),
        (1000, 4),
        (1000, 10),
        (2000, 8),
        (300, 30),
    ] {
        for seed in 0..3 {
            add(
                format!("symmetric-{n}-{degree}-{seed}"),
                symmetric(n, degree, &mut random),
                None,
            );
        }
    }
    for (m, n, degree) in [
        (200, 400, 3),
        (500, 300, 6),
        (1000, 1000, 5),
        (1500, 700, 4),
        (100, 2000, 20),
    ] {
        for seed in 0..3 {
            add(
                format!("random-{m}x{n}-{degree}-{seed}"),
                rectangular(m, n, degree, &mut random),
                None,
            );
        }
    }
    for (n, degree) in [(500, 3), (2000, 4)] {
        add(
            format!("scale-free-{n}-{degree}"),
            scale_free(n, degree, &mut random),
            None,
        );
    }
    add("kkt-600".into(), kkt(400, 200, &mut random), None);
    add("mesh-2000".into(), mesh(2000, 0.05, &mut random), None);
    add("mesh-3000".into(), mesh(3000, 0.03, &mut random), None);
    add(
        "stairs".into(),
        ok(SparsityPattern::from_rows(900, 1200, |i| {
            (i / 3 * 4..i / 3 * 4 + 6).filter(|&j| j < 1200)
        })),
        None,
    );
    if large {
        add(
            "tridiagonal-1e6".into(),
            ok(SparsityPattern::banded(1_000_000, 1_000_000, 1, 1)),
            Some([3, 3, 3, 2]),
        );
        add(
            "grid5-1000x1000".into(),
            grid(&[1000, 1000], 1),
            Some([5, 5, 5, 3]),
        );
        add(
            "random-1e5-10".into(),
            rectangular(100_000, 100_000, 10, &mut random),
            None,
        );
    }
    all
}

/// Points of a grid and their neighbors: those that differ in at most `reach` coordinates, by one.
pub fn grid(sizes: &[usize], reach: usize) -> SparsityPattern {
    let n = sizes.iter().product();
    SparsityPattern::from_rows(n, n, |i| {
        let mut near = vec![(0_usize, 0_usize)];
        let (mut rest, mut stride) = (i, 1);
        for &size in sizes {
            let at = rest % size;
            rest /= size;
            near = near
                .iter()
                .flat_map(|&(j, moved)| {
                    [
                        at.checked_sub(1),
                        Some(at),
                        Some(at + 1).filter(|&k| k < size),
                    ]
                    .into_iter()
                    .flatten()
                    .map(move |k| (j + k * stride, moved + usize::from(k != at)))
                })
                .filter(|&(_, moved)| moved <= reach)
                .collect();
            stride *= size;
        }
        near.into_iter().map(|(j, _)| j)
    })
    .expect("neighbors lie on the grid")
}

fn below(random: &mut ChaCha8Rng, n: usize) -> usize {
    (random.next_u64() % n as u64) as usize
}

fn shuffle(pattern: &SparsityPattern, random: &mut ChaCha8Rng) -> SparsityPattern {
    let n = pattern.rows();
    let mut names: Vec<usize> = (0..n).collect();
    for k in (1..n).rev() {
        names.swap(k, below(random, k + 1));
    }
    SparsityPattern::from_triplets(n, n, pattern.entries().map(|(i, j)| (names[i], names[j])))
        .expect("a permutation")
}

fn symmetric(n: usize, degree: usize, random: &mut ChaCha8Rng) -> SparsityPattern {
    let mut entries: Vec<(usize, usize)> = (0..n).map(|i| (i, i)).collect();
    for _ in 0..n * degree / 2 {
        let (i, j) = (below(random, n), below(random, n));
        entries.extend([(i, j), (j, i)]);
    }
    SparsityPattern::from_triplets(n, n, entries).expect("in range")
}

fn rectangular(m: usize, n: usize, degree: usize, random: &mut ChaCha8Rng) -> SparsityPattern {
    let entries: Vec<_> = (0..m * degree)
        .map(|k| (k / degree, below(random, n)))
        .collect();
    SparsityPattern::from_triplets(m, n, entries).expect("in range")
}

/// Preferential attachment: few hubs, many leaves.
fn scale_free(n: usize, degree: usize, random: &mut ChaCha8Rng) -> SparsityPattern {
    let mut ends = vec![0];
    let mut entries: Vec<(usize, usize)> = (0..n).map(|i| (i, i)).collect();
    for v in 1..n {
        for _ in 0..degree {
            let w = ends[below(random, ends.len())];
            if w != v {
                entries.extend([(v, w), (w, v)]);
                ends.extend([v, w]);
            }
        }
    }
    SparsityPattern::from_triplets(n, n, entries).expect("in range")
}

/// [H A'; A 0] with a random sparse A.
fn kkt(n: usize, m: usize, random: &mut ChaCha8Rng) -> SparsityPattern {
    let mut entries: Vec<(usize, usize)> = (0..n).map(|i| (i, i)).collect();
    for i in n..n + m {
        for _ in 0..4 {
            let j = below(random, n);
            entries.extend([(i, j), (j, i)]);
        }
    }
    SparsityPattern::from_triplets(n + m, n + m, entries).expect("in range")
}

/// Random points in the unit square, neighbors within a radius: like a finite element mesh.
fn mesh(n: usize, radius: f64, random: &mut ChaCha8Rng) -> SparsityPattern {
    let mut unit = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let points: Vec<(f64, f64)> = (0..n).map(|_| (unit(), unit())).collect();
    SparsityPattern::from_fn(n, n, |i, j| {
        let ((a, b), (c, d)) = (points[i], points[j]);
        (a - c).powi(2) + (b - d).powi(2) <= radius * radius
    })
}
