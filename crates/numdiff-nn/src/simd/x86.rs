//! The wide registers of x86-64.

use super::isa::{Isa, LANES, Part};
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

/// An array of registers, each spelled out: a loop over them would be unrolled anew wherever an operation
/// stands, which took half the time that this crate needs to compile.
macro_rules! two {
    ($i:ident => $of:expr) => {
        [
            {
                let $i = 0;
                $of
            },
            {
                let $i = 1;
                $of
            },
        ]
    };
}

macro_rules! four {
    ($i:ident => $of:expr) => {{
        let ([a, b], [c, d]) = (two!($i => $of), two!(j => { let $i = j + 2; $of }));
        [a, b, c, d]
    }};
}

macro_rules! registers {
    (
        $isa:ident $wrapper:ident, $register:ty, $each:ident $count:literal, $width:literal, tile $tile:literal,
        splat $splat:ident, load $load:ident, store $store:ident,
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
            fn splat(x: f64) -> Self::Register {
                // SAFETY: as above.
                [unsafe { $splat(x) }; $count]
            }
            #[inline(always)]
            fn load(from: &[f64; LANES]) -> Self::Register {
                // SAFETY: as above.
                unsafe { $each!(i => $load(from.as_ptr().add(i * $width))) }
            }
            #[inline(always)]
            fn store(a: Self::Register, to: &mut [f64; LANES]) {
                // SAFETY: as above.
                unsafe { $each!(i => $store(to.as_mut_ptr().add(i * $width), a[i])) };
            }
            $(
                #[inline(always)]
                fn $name(a: Self::Register, b: Self::Register) -> Self::Register {
                    // SAFETY: as above.
                    unsafe { $each!(i => $intrinsic(a[i], b[i])) }
                }
            )*
            $(
                #[inline(always)]
                fn $bits(a: Self::Register, b: Self::Register) -> Self::Register {
                    // SAFETY: as above.
                    unsafe { $each!(i => $from_bits($on_bits($to_bits(a[i]), $to_bits(b[i])))) }
                }
            )*
            #[inline(always)]
            fn bits_up_52(a: Self::Register) -> Self::Register {
                // SAFETY: as above.
                unsafe { $each!(i => $from_bits($up::<52>($to_bits(a[i])))) }
            }
            #[inline(always)]
            fn bits_down_52(a: Self::Register) -> Self::Register {
                // SAFETY: as above.
                unsafe { $each!(i => $from_bits($down::<52>($to_bits(a[i])))) }
            }
            #[inline(always)]
            fn fma(a: Self::Register, b: Self::Register, c: Self::Register) -> Self::Register {
                // SAFETY: as above.
                unsafe { $each!(i => $fma(a[i], b[i], c[i])) }
            }
            #[inline(always)]
            fn outline<P: Part<Self>>(part: P) -> P::Output {
                // SAFETY: as above.
                unsafe { $wrapper(part) }
            }
            #[inline(always)]
            fn where_above(a: Self::Register, b: Self::Register, yes: Self::Register, no: Self::Register) -> Self::Register {
                $each!(i => {
                    let ($a, $b, $yes, $no) = (a[i], b[i], yes[i], no[i]);
                    // SAFETY: as above.
                    unsafe { $above }
                })
            }
        }
    };
}

registers!(
    Avx512 avx512, __m512d, two 2, 8, tile 8,
    splat _mm512_set1_pd, load _mm512_loadu_pd, store _mm512_storeu_pd,
    binary { add _mm512_add_pd, sub _mm512_sub_pd, mul _mm512_mul_pd, div _mm512_div_pd,
        max _mm512_max_pd, min _mm512_min_pd },
    integer { bits_add _mm512_add_epi64, bits_sub _mm512_sub_epi64,
        bits_and _mm512_and_si512, bits_or _mm512_or_si512 },
    shifts _mm512_slli_epi64 _mm512_srli_epi64, casts _mm512_castpd_si512 _mm512_castsi512_pd,
    fma _mm512_fmadd_pd,
    above |a, b, yes, no| _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_GT_OQ>(a, b), no, yes)
);

registers!(
    Avx2 avx2, __m256d, four 4, 4, tile 2,
    splat _mm256_set1_pd, load _mm256_loadu_pd, store _mm256_storeu_pd,
    binary { add _mm256_add_pd, sub _mm256_sub_pd, mul _mm256_mul_pd, div _mm256_div_pd,
        max _mm256_max_pd, min _mm256_min_pd },
    integer { bits_add _mm256_add_epi64, bits_sub _mm256_sub_epi64,
        bits_and _mm256_and_si256, bits_or _mm256_or_si256 },
    shifts _mm256_slli_epi64 _mm256_srli_epi64, casts _mm256_castpd_si256 _mm256_castsi256_pd,
    fma _mm256_fmadd_pd,
    above |a, b, yes, no| _mm256_blendv_pd(no, yes, _mm256_cmp_pd::<_CMP_GT_OQ>(a, b))
);
