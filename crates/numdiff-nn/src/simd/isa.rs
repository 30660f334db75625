//! What an instruction set does with sixteen numbers.
//!
//! A kernel is written once, generic over the instruction set and `#[inline(always)]`; a
//! wrapper with `#[target_feature]` makes the compiler translate that body for the wider
//! registers. Everything the body calls must be inlined into the wrapper, or it is
//! translated for the baseline and runs many times slower.
//!
//! Plain arrays in the place of register types would do without intrinsics, but
//! then it is up to the compiler which loop it vectorizes, and it prefers gathering across
//! an outer loop: measured five times slower.

/// Numbers in a `Lanes`: two registers of AVX-512, enough independent chains to hide
/// the four cycles of a fused multiply-add together with the reordering of the core.
pub(crate) const LANES: usize = 16;

/// Work that is translated once for every instruction set.
pub(crate) trait Kernel {
    type Output;
    /// Implementations are `#[inline(always)]`, as is everything they call.
    fn run<I: Isa>(self) -> Self::Output;
}

/// Part of a kernel that is translated once, for the instruction set of the kernel, however many
/// places of however many kernels call it through [`Isa::outline`]. What is inlined everywhere
/// takes its time in every build; a call passes numbers through memory, which costs little where the
/// part is a loop or a function of its own right.
pub(crate) trait Part<I: Isa> {
    type Output;
    /// As [`Kernel::run`].
    fn compute(self) -> Self::Output;
}

impl<I: Isa, K: Kernel> Part<I> for K {
    type Output = K::Output;
    #[inline(always)]
    fn compute(self) -> K::Output {
        self.run::<I>()
    }
}

/// Operations on sixteen numbers.
///
/// The implementations with intrinsics must run inside `SimdLevel::run`, which has seen to
/// it that the machine has them; nothing outside this module names those types.
pub(crate) trait Isa: Copy + 'static {
    type Register: Copy;
    /// Sums of sixteen lanes that fit into the registers together with what they are made of.
    const TILE: usize;
    /// Whether sixteen lanes are few instructions. Where they are eight or more, an
    /// exponential pays for a call.
    const WIDE: bool;
    fn splat(x: f64) -> Self::Register;
    fn load(from: &[f64; LANES]) -> Self::Register;
    fn store(a: Self::Register, to: &mut [f64; LANES]);
    fn add(a: Self::Register, b: Self::Register) -> Self::Register;
    fn sub(a: Self::Register, b: Self::Register) -> Self::Register;
    fn mul(a: Self::Register, b: Self::Register) -> Self::Register;
    fn div(a: Self::Register, b: Self::Register) -> Self::Register;
    /// `a > b` ? `a` : `b`, so `b` where one is NaN.
    fn max(a: Self::Register, b: Self::Register) -> Self::Register;
    /// `a < b` ? `a` : `b`, so `b` where one is NaN.
    fn min(a: Self::Register, b: Self::Register) -> Self::Register;
    fn bits_add(a: Self::Register, b: Self::Register) -> Self::Register;
    fn bits_sub(a: Self::Register, b: Self::Register) -> Self::Register;
    fn bits_and(a: Self::Register, b: Self::Register) -> Self::Register;
    fn bits_or(a: Self::Register, b: Self::Register) -> Self::Register;
    fn bits_up_52(a: Self::Register) -> Self::Register;
    fn bits_down_52(a: Self::Register) -> Self::Register;
    fn fma(a: Self::Register, b: Self::Register, c: Self::Register) -> Self::Register;
    /// `a > b` ? `yes` : `no`.
    fn where_above(
        a: Self::Register,
        b: Self::Register,
        yes: Self::Register,
        no: Self::Register,
    ) -> Self::Register;
    /// Calls the function that this part is.
    fn outline<P: Part<Self>>(part: P) -> P::Output;
}
