//! Interpolation in powers of the step, for steps that are powers of two.
//!
//! A central pair gives the odd part of f as a series in h^2, a single point f(x + h) - f(x) one in
//! h. With steps H, H/2, H/4, … the variable u = (h/H)^2 or h/H takes the values 1, 1/4, 1/16, … or
//! 1, 1/2, 1/4, …: the inverse Vandermonde matrices are constants, computed at compile time.

use super::power::rough_log2;

/// Most nodes a window may have.
pub(super) const MOST: usize = 8;

/// The coefficients of the interpolating polynomial as a matrix on the values.
#[derive(Clone, Copy)]
pub(super) struct Inverse {
    /// `columns[i][k]`: how the coefficient of u^k depends on the value at node i; node 0 is the
    /// smallest step.
    pub columns: [[f64; MOST]; MOST],
    /// `products[k]`: elementary symmetric function of degree m - k of the nodes: the size of the
    /// error that a term u^m causes in the coefficient of u^k.
    pub products: [f64; MOST],
}

/// The matrix of m consecutive powers of two, and what it makes of noise and truncation in level k, as log2
/// at H = 1.
#[derive(Clone, Copy)]
pub(super) struct Dyadic {
    pub inverse: Inverse,
    /// Noise of the odd and of the even level per unit of noise in f.
    pub noise: [[f64; MOST]; 2],
    /// Error of the level per unit of level m.
    pub truncation: [f64; MOST],
}

const ZERO: Inverse = Inverse {
    columns: [[0.0; MOST]; MOST],
    products: [0.0; MOST],
};

static DYADIC: [[Dyadic; MOST + 1]; 2] = [table(1), table(2)];

impl Inverse {
    /// For any distinct nodes `u[..m]`, smallest first.
    pub(super) const fn of(u: &[f64; MOST], m: usize) -> Inverse {
        let mut inverse = ZERO;
        // Product of (1 + u_i v): the coefficient of v^d is the elementary symmetric function.
        let mut symmetric = [0.0; MOST + 1];
        symmetric[0] = 1.0;
        let mut i = 0;
        while i < m {
            // The Lagrange polynomial of node i, expanded: product of (u - u_l) / (u_i - u_l).
            let polynomial = &mut inverse.columns[i];
            polynomial[0] = 1.0;
            let mut degree = 0;
            let mut l = 0;
            while l < m {
                if l != i {
                    let scale = 1.0 / (u[i] - u[l]);
                    let mut k = degree + 1;
                    while k > 0 {
                        polynomial[k] = (polynomial[k - 1] - u[l] * polynomial[k]) * scale;
                        k -= 1;
                    }
                    polynomial[0] = -u[l] * polynomial[0] * scale;
                    degree += 1;
                }
                l += 1;
            }
            let mut d = i + 1;
            while d > 0 {
                symmetric[d] += u[i] * symmetric[d - 1];
                d -= 1;
            }
            i += 1;
        }
        while i > 0 {
            i -= 1;
            inverse.products[i] = symmetric[m - i];
        }
        inverse
    }
}

/// For m consecutive powers of two, in h^2 (`power` 2) or h (`power` 1).
pub(super) const fn dyadic(power: usize, m: usize) -> &'static Dyadic {
    &DYADIC[(power - 1) % 2][m % (MOST + 1)]
}

const fn table(power: usize) -> [Dyadic; MOST + 1] {
    let mut all = [Dyadic {
        inverse: ZERO,
        noise: [[0.0; MOST]; 2],
        truncation: [0.0; MOST],
    }; MOST + 1];
    let mut m = 1;
    while m <= MOST {
        let mut u = [1.0; MOST];
        let mut i = m - 1;
        while i > 0 {
            u[i - 1] = u[i] * if power == 2 { 0.25 } else { 0.5 };
            i -= 1;
        }
        let inverse = Inverse::of(&u, m);
        let mut k = 0;
        while k < m {
            all[m].noise[0][k] = noise(&inverse, k, power, false, m);
            all[m].noise[1][k] = noise(&inverse, k, power, true, m);
            all[m].truncation[k] = rough_log2(inverse.products[k]);
            k += 1;
        }
        all[m].inverse = inverse;
        m += 1;
    }
    all
}

/// log2 of the noise of a level at H = 1, per unit of noise in f.
const fn noise(inverse: &Inverse, level: usize, power: usize, even: bool, m: usize) -> f64 {
    let (mut sum, mut center) = (0.0, 0.0);
    let mut per_step = 1.0;
    let mut i = m;
    while i > 0 {
        i -= 1;
        let weight = inverse.columns[i][level] * per_step * if even { per_step } else { 1.0 };
        sum += weight * weight;
        center += weight;
        per_step *= 2.0;
    }
    // Two independent values of weight 1/2 per node of a pair, and f(x) in one side and in even parts.
    let own = if power == 2 { 0.5 * sum } else { sum };
    let shared = if even || power == 1 {
        center * center
    } else {
        0.0
    };
    0.5 * rough_log2(own + shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reproduces_monomials() {
        for power in [1, 2] {
            for m in 1..=MOST {
                let inverse = &dyadic(power, m).inverse;
                for k in 0..m {
                    for degree in 0..m {
                        let mut sum = 0.0;
                        let mut size = 0.0;
                        for i in 0..m {
                            let u = 0.5_f64.powi((power * (m - 1 - i)) as i32);
                            let term = inverse.columns[i][k] * u.powi(degree as i32);
                            sum += term;
                            size += term.abs();
                        }
                        let expected = if degree == k { 1.0 } else { 0.0 };
                        // m multiplications per weight and m additions.
                        assert!((sum - expected).abs() <= 4.0 * m as f64 * f64::EPSILON * size);
                    }
                }
            }
        }
    }
}
