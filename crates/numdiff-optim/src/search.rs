//! The searches by name.

/// The search for a step length along a direction, or within a radius, for the methods that search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Search {
    /// Shortens the step by interpolation until f has decreased by 1e-4 of what the slope predicts (L. Armijo, Pacific
    /// J. Math. 16 (1966) 1-3). It evaluates f alone.
    Backtracking,
    /// Finds a step that meets the strong Wolfe conditions: Armijo's, and a |slope| of at most 0.9 times the initial
    /// one, or 0.1 for conjugate gradients (Nocedal and Wright, algorithms 3.5 and 3.6).
    StrongWolfe,
    /// Finds a step that meets the Wolfe conditions or the approximate ones, by the secant^2 step (W. W. Hager, H.
    /// Zhang, ACM TOMS 32 (2006) 113-137). The approximate conditions compare slopes instead of values, which helps
    /// near the minimum, where differences of f are lost in rounding.
    HagerZhang,
    /// Limits the step to a trust region instead of searching along a line. [`Method::Bfgs`](crate::Method::Bfgs),
    /// [`Method::Newton`](crate::Method::Newton) and [`Method::NewtonCg`](crate::Method::NewtonCg) take the step of T.
    /// Steihaug (SIAM J. Numer. Anal. 20 (1983) 626-637); the directions of the others are given the length of the
    /// radius, or are cut off there. Not available with bounds.
    TrustRegion,
}
