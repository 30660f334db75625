//! Interpolation in powers of the step, for steps that are powers of two.
//!
//! A central pair gives the odd part of f as a series in h^2, a single point f(x + h) - f(x) one in
//! h. With steps H, H/2, H/4, … the variable u = (h/H)^2 or h/H takes the values 1, 1/4, 1/16, … or
//! 1, 1/2, 1/4, …: the inverse Vandermonde matrices are constants, computed at compile time.

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

impl Inverse {
    /// For any distinct nodes `u[..m]`, smallest first.
    pub(super) const fn of(u: &[f64; MOST], m: usize) -> Inverse {
        let mut columns = [[0.0; MOST]; MOST];
        let mut i = 0;
        while i < m {
            // The Lagrange polynomial of node i, expanded: product of (u - u_l) / (u_i - u_l).
            let mut polynomial = [0.0; MOST];
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
            columns[i] = polynomial;
            i += 1;
        }
        // Product of (1 + u_i v): the coefficient of v^d is the elementary symmetric function.
        let mut symmetric = [0.0; MOST + 1];
        symmetric[0] = 1.0;
        let mut i = 0;
        while i < m {
            let mut d = i + 1;
            while d > 0 {
                symmetric[d] += u[i] * symmetric[d - 1];
                d -= 1;
            }
            i += 1;
        }
        let mut products = [0.0; MOST];
        let mut k = 0;
        while k < m {
            products[k] = symmetric[m - k];
            k += 1;
        }
        Inverse { columns, products }
    }

    /// For m consecutive powers of two, in h^2 (`power` 2) or h (`power` 1).
    pub(super) const fn dyadic(power: usize, m: usize) -> &'static Inverse {
        &DYADIC[(power - 1) % 2][m % (MOST + 1)]
    }
}

static DYADIC: [[Inverse; MOST + 1]; 2] = [table(0.5), table(0.25)];

const fn table(ratio: f64) -> [Inverse; MOST + 1] {
    let mut all = [Inverse {
        columns: [[0.0; MOST]; MOST],
        products: [0.0; MOST],
    }; MOST + 1];
    let mut m = 1;
    while m <= MOST {
        let mut u = [1.0; MOST];
        let mut i = m - 1;
        while i > 0 {
            u[i - 1] = u[i] * ratio;
            i -= 1;
        }
        all[m] = Inverse::of(&u, m);
        m += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reproduces_monomials() {
        for power in [1, 2] {
            for m in 1..=MOST {
                let inverse = Inverse::dyadic(power, m);
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
