//! Sixteen numbers at once, by the instructions that the machine has: lanes, exponentials, products. It
//! knows no network.

mod affine;
mod dispatch;
mod exponential;
mod factored;
mod isa;
mod lanes;
mod portable;
mod product;
mod roof;
mod wide;
mod work;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use affine::affine;
pub use dispatch::SimdLevel;
pub(crate) use exponential::{exp, exp_m1, exp_m1_near, is_near, ln_1p};
pub(crate) use factored::Product;
pub(crate) use isa::{Isa, Kernel, LANES, Part};
pub(crate) use lanes::Lanes;
pub(crate) use product::Slopes;
pub(crate) use wide::{as_f64, as_f64_mut};
pub(crate) use work::each;
