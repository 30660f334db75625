//! From one point to the next: what the step changed, whether the slopes at its ends fit.

/// s <- x - s and y <- g - y; returns y^T s, y^T y and s^T s. Four sums each, so that the additions do not wait for
/// one another.
pub(super) fn changes(s: &mut [f64], x: &[f64], y: &mut [f64], g: &[f64]) -> [f64; 3] {
    let mut sums = [[0.0; 4]; 3];
    let step = |s: &mut f64, x: f64, y: &mut f64, g: f64| {
        (*s, *y) = (x - *s, g - *y);
        [*y * *s, *y * *y, *s * *s]
    };
    let n = s.len() / 4 * 4;
    let (s, s_tail) = s.split_at_mut(n);
    let (y, y_tail) = y.split_at_mut(n);
    for (((s, x), y), g) in s
        .chunks_exact_mut(4)
        .zip(x.chunks_exact(4))
        .zip(y.chunks_exact_mut(4))
        .zip(g.chunks_exact(4))
    {
        for j in 0..4 {
            let products = step(&mut s[j], x[j], &mut y[j], g[j]);
            (0..3).for_each(|k| sums[k][j] += products[k]);
        }
    }
    for (k, s) in s_tail.iter_mut().enumerate() {
        let products = step(s, x[n + k], &mut y_tail[k], g[n + k]);
        (0..3).for_each(|k| sums[k][0] += products[k]);
    }
    sums.map(|s| (s[0] + s[1]) + (s[2] + s[3]))
}

/// Do the slopes at both ends of a step promise ten times what f fell by? Between two falling ends f falls at least as
/// the lesser slope says, unless it turned twice on the way: so the slopes are wrong, as those of one-sided differences
/// are where f bends otherwise than it did when it was last seen from both sides.
pub(super) fn misled(promised: f64, change: f64) -> bool {
    promised < 0.0 && change > 0.1 * promised
}
