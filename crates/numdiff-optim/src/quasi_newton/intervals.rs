//! Difference intervals from the noise of f and the curvature that the method knows.

use super::QuasiNewton;

impl QuasiNewton {
    /// One-sided: h = 2 sqrt(noise / |B_ii|) balances the rounding 2 noise / h against the
    /// truncation h B_ii / 2 (Gill, Murray, Saunders, Wright, SIAM J. Sci. Stat. Comput. 4 (1983)
    /// 310-321). Clipped to between a tenth of sqrt(eps) of the scale of x, so that x's own rounding
    /// stays below 1e-7 of h, and a thousand times the root of the relative noise.
    pub(super) fn one_sided_intervals(&self) -> Vec<f64> {
        let level = self.level();
        let lower = 0.1 * f64::EPSILON.sqrt();
        let upper = (1e3 * self.noise.relative(self.f).sqrt()).min(0.3);
        self.intervals(lower, upper, |b, _, _| 2.0 * (level / b).sqrt())
    }

    /// Two-sided: h = (3 noise / |f'''|)^(1/3) with f''' taken as B_ii over the scale of x.
    pub(super) fn two_sided_intervals(&self) -> Vec<f64> {
        let level = self.level();
        let lower = 0.03 * f64::EPSILON.cbrt();
        let upper = (30.0 * self.noise.relative(self.f).cbrt()).min(0.3);
        // Under noise the interval should not shrink because a coordinate passes through zero.
        let floor = if self.noise.is_large(self.f) {
            0.1
        } else {
            0.01
        };
        self.intervals(lower, upper, |b, x, t| {
            (3.0 * level * x.max(floor * t) / b).cbrt()
        })
    }

    fn intervals(&self, lower: f64, upper: f64, best: impl Fn(f64, f64, f64) -> f64) -> Vec<f64> {
        let diagonal = self.hessian.diagonal();
        diagonal
            .iter()
            .zip(self.x.iter().zip(&self.x_scale))
            .map(|(b, (x, t))| {
                let x = x.abs();
                let h = best(b.abs().max(f64::MIN_POSITIVE), x, *t);
                h.clamp(lower * x.max(0.01 * t), upper * x.max(*t))
            })
            .collect()
    }
}
