//! Choosing the instruction set at run time.

use super::isa::{Isa, Kernel};
use super::portable::Portable;
#[cfg(target_arch = "x86_64")]
use super::x86;

/// An instruction set of this machine.
///
/// Values come only from [`SimdLevel::best`] and [`SimdLevel::available`], so that every value is one that the machine
/// supports.
///
/// # Example
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

impl SimdLevel {
    /// Returns the widest instruction set of this machine.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Returns every instruction set of this machine, the widest first.
    ///
    /// AVX2 and AVX-512 give the same bits. The portable level rounds products that the others fuse with a sum.
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

    /// Returns the name of the instruction set: `avx512`, `avx2` or `portable`.
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
