//! Choosing the instruction set at run time.
//!
//! A kernel is written once, generic over the instruction set and `#[inline(always)]`; a
//! wrapper with `#[target_feature]` makes the compiler translate that body for the wider
//! registers. Everything the body calls must be inlined into the wrapper, or it is
//! translated for the baseline and runs many times slower.
//!
//! Plain arrays in the place of register types would do without the intrinsics below, but
//! then it is up to the compiler which loop it vectorizes, and it prefers gathering across
//! an outer loop: measured five times slower.

use super::lanes::LANES;

/// An instruction set that this machine has.
///
/// Values come from [`SimdLevel::best`] and [`SimdLevel::available`] alone, so a level in hand
/// is proof that the machine supports it.
///
/// ```
/// use numdiff_nn::SimdLevel;
/// assert_eq!(SimdLevel::available()[0], SimdLevel::best());
/// assert_eq!(SimdLevel::available().last().unwrap().name(), "portable");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimdLevel(Inner);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inner {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

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

impl SimdLevel {
    /// The widest instruction set of this machine.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Every instruction set of this machine, the widest first.
    ///
    /// AVX2 and AVX-512 give the same bits; the portable level rounds products that the
    /// others fuse.
    pub fn available() -> Vec<Self> {
        let mut levels = Vec::with_capacity(3);
        #[cfg(target_arch = "x86_64")]
        {
            let fma = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if fma && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                levels.push(Self(Inner::Avx512));
            }
            if fma {
                levels.push(Self(Inner::Avx2));
            }
        }
        levels.push(Self(Inner::Portable));
        levels
    }

    /// The name of the instruction set: `avx512`, `avx2` or `portable`.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Inner::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Inner::Avx2 => "avx2",
            Inner::Portable => "portable",
        }
    }

    /// Runs the kernel translated for this instruction set.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` made this level after detecting the features.
            Inner::Avx512 => unsafe { x86::avx512(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Inner::Avx2 => unsafe { x86::avx2(kernel) },
            Inner::Portable => Portable::outline(kernel),
        }
    }
}

/// Operations on sixteen numbers.
///
/// The implementations with intrinsics must run inside [`SimdLevel::run`], which has seen to
/// it that the machine has them; nothing outside this module names those types.
pub(crate) trait Isa: Copy + 'static {
    type Register: Copy;
    /// Sums of sixteen lanes that fit into the registers together with what they are made of.
    const TILE: usize;
    /// Whether sixteen lanes are few instructions. Where they are eight or more, an
    /// exponential pays for a call.
    const WIDE: bool;
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

/// What every machine has.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

/// Whether the baseline of this target has a fused multiply-add instruction.
///
/// Without one, `f64::mul_add` is a library call, some forty times slower than the
/// product and the sum it replaces.
const BASELINE_FMA: bool = cfg!(any(target_feature = "fma", target_arch = "aarch64"));

type Array = [f64; LANES];

#[inline(always)]
fn zip(mut a: Array, b: Array, f: impl Fn(f64, f64) -> f64) -> Array {
    for (a, b) in a.iter_mut().zip(b) {
        *a = f(*a, b);
    }
    a
}

#[inline(always)]
fn zip_bits(a: Array, b: Array, f: impl Fn(u64, u64) -> u64) -> Array {
    zip(a, b, |a, b| f64::from_bits(f(a.to_bits(), b.to_bits())))
}

impl Isa for Portable {
    type Register = Array;
    const TILE: usize = 1;
    const WIDE: bool = false;
    #[inline(always)]
    fn load(from: &Array) -> Array {
        *from
    }
    #[inline(always)]
    fn store(a: Array, to: &mut Array) {
        *to = a;
    }
    #[inline(always)]
    fn add(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| a * b)
    }
    #[inline(always)]
    fn div(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| a / b)
    }
    #[inline(always)]
    fn max(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn min(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn bits_add(a: Array, b: Array) -> Array {
        zip_bits(a, b, u64::wrapping_add)
    }
    #[inline(always)]
    fn bits_sub(a: Array, b: Array) -> Array {
        zip_bits(a, b, u64::wrapping_sub)
    }
    #[inline(always)]
    fn bits_and(a: Array, b: Array) -> Array {
        zip_bits(a, b, |a, b| a & b)
    }
    #[inline(always)]
    fn bits_or(a: Array, b: Array) -> Array {
        zip_bits(a, b, |a, b| a | b)
    }
    #[inline(always)]
    fn bits_up_52(a: Array) -> Array {
        zip_bits(a, a, |a, _| a << 52)
    }
    #[inline(always)]
    fn bits_down_52(a: Array) -> Array {
        zip_bits(a, a, |a, _| a >> 52)
    }
    #[inline(always)]
    fn fma(mut a: Array, b: Array, c: Array) -> Array {
        for i in 0..LANES {
            a[i] = if BASELINE_FMA {
                a[i].mul_add(b[i], c[i])
            } else {
                a[i] * b[i] + c[i]
            };
        }
        a
    }
    #[inline(always)]
    fn where_above(a: Array, b: Array, yes: Array, no: Array) -> Array {
        let mut out = no;
        for i in 0..LANES {
            out[i] = if a[i] > b[i] { yes[i] } else { no[i] };
        }
        out
    }
    #[inline(never)]
    fn outline<P: Part<Self>>(part: P) -> P::Output {
        part.compute()
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Isa, LANES, Part};
    use std::arch::x86_64::*;

    /// Two registers of AVX-512.
    #[derive(Clone, Copy)]
    pub(super) struct Avx512;

    /// Four registers of AVX2, with fused multiply-add.
    #[derive(Clone, Copy)]
    pub(super) struct Avx2;

    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
    pub(super) fn avx512<P: Part<Avx512>>(part: P) -> P::Output {
        part.compute()
    }

    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn avx2<P: Part<Avx2>>(part: P) -> P::Output {
        part.compute()
    }

    macro_rules! registers {
        (
            $isa:ident $wrapper:ident, $register:ty, $count:literal, $width:literal, tile $tile:literal,
            load $load:ident, store $store:ident,
            binary { $($name:ident $intrinsic:ident),* },
            integer { $($bits:ident $on_bits:ident),* },
            shifts $up:ident $down:ident, casts $to_bits:ident $from_bits:ident,
            fma $fma:ident,
            above |$a:ident, $b:ident, $yes:ident, $no:ident| $above:expr
        ) => {
            // SAFETY, for all of the intrinsics below: they need the features that the one
            // caller of this implementation, the wrapper above, enables; pointers come from
            // arrays of `LANES` numbers and have no alignment to keep.
            impl Isa for $isa {
                type Register = [$register; $count];
                const TILE: usize = $tile;
                const WIDE: bool = true;
                #[inline(always)]
                fn load(from: &[f64; LANES]) -> Self::Register {
                    // SAFETY: as above.
                    unsafe {
                        let mut out = [$load(from.as_ptr()); $count];
                        for i in 1..$count {
                            out[i] = $load(from.as_ptr().add(i * $width));
                        }
                        out
                    }
                }
                #[inline(always)]
                fn store(a: Self::Register, to: &mut [f64; LANES]) {
                    for i in 0..$count {
                        // SAFETY: as above.
                        unsafe { $store(to.as_mut_ptr().add(i * $width), a[i]) }
                    }
                }
                $(
                    #[inline(always)]
                    fn $name(mut a: Self::Register, b: Self::Register) -> Self::Register {
                        for i in 0..$count {
                            // SAFETY: as above.
                            a[i] = unsafe { $intrinsic(a[i], b[i]) };
                        }
                        a
                    }
                )*
                $(
                    #[inline(always)]
                    fn $bits(mut a: Self::Register, b: Self::Register) -> Self::Register {
                        for i in 0..$count {
                            // SAFETY: as above.
                            a[i] = unsafe { $from_bits($on_bits($to_bits(a[i]), $to_bits(b[i]))) };
                        }
                        a
                    }
                )*
                #[inline(always)]
                fn bits_up_52(mut a: Self::Register) -> Self::Register {
                    for a in &mut a {
                        // SAFETY: as above.
                        *a = unsafe { $from_bits($up::<52>($to_bits(*a))) };
                    }
                    a
                }
                #[inline(always)]
                fn bits_down_52(mut a: Self::Register) -> Self::Register {
                    for a in &mut a {
                        // SAFETY: as above.
                        *a = unsafe { $from_bits($down::<52>($to_bits(*a))) };
                    }
                    a
                }
                #[inline(always)]
                fn fma(mut a: Self::Register, b: Self::Register, c: Self::Register) -> Self::Register {
                    for i in 0..$count {
                        // SAFETY: as above.
                        a[i] = unsafe { $fma(a[i], b[i], c[i]) };
                    }
                    a
                }
                #[inline(always)]
                fn outline<P: Part<Self>>(part: P) -> P::Output {
                    // SAFETY: as above.
                    unsafe { $wrapper(part) }
                }
                #[inline(always)]
                fn where_above(mut a: Self::Register, b: Self::Register, yes: Self::Register, no: Self::Register) -> Self::Register {
                    for i in 0..$count {
                        let ($a, $b, $yes, $no) = (a[i], b[i], yes[i], no[i]);
                        // SAFETY: as above.
                        a[i] = unsafe { $above };
                    }
                    a
                }
            }
        };
    }

    registers!(
        Avx512 avx512, __m512d, 2, 8, tile 8,
        load _mm512_loadu_pd, store _mm512_storeu_pd,
        binary { add _mm512_add_pd, sub _mm512_sub_pd, mul _mm512_mul_pd, div _mm512_div_pd,
            max _mm512_max_pd, min _mm512_min_pd },
        integer { bits_add _mm512_add_epi64, bits_sub _mm512_sub_epi64,
            bits_and _mm512_and_si512, bits_or _mm512_or_si512 },
        shifts _mm512_slli_epi64 _mm512_srli_epi64, casts _mm512_castpd_si512 _mm512_castsi512_pd,
        fma _mm512_fmadd_pd,
        above |a, b, yes, no| _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_GT_OQ>(a, b), no, yes)
    );

    registers!(
        Avx2 avx2, __m256d, 4, 4, tile 2,
        load _mm256_loadu_pd, store _mm256_storeu_pd,
        binary { add _mm256_add_pd, sub _mm256_sub_pd, mul _mm256_mul_pd, div _mm256_div_pd,
            max _mm256_max_pd, min _mm256_min_pd },
        integer { bits_add _mm256_add_epi64, bits_sub _mm256_sub_epi64,
            bits_and _mm256_and_si256, bits_or _mm256_or_si256 },
        shifts _mm256_slli_epi64 _mm256_srli_epi64, casts _mm256_castpd_si256 _mm256_castsi256_pd,
        fma _mm256_fmadd_pd,
        above |a, b, yes, no| _mm256_blendv_pd(no, yes, _mm256_cmp_pd::<_CMP_GT_OQ>(a, b))
    );
}
