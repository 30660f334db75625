//! The size of an unknown, where the first difference shows that it is far below what was assumed.
//!
//! Unknowns are taken to be of the order of 1, or of their start if that is larger. When a displacement that is small
//! for that multiplies what is differentiated, either it is steep, which a second slope over a hundredth of the
//! displacement confirms, or the unknown is far smaller (a length of 1e-10 m): then the displacement shrinks until the
//! slope stays, or the change is less than what changes, and the size is what that tells.

/// A displacement that changes f by more than this share of it is looked into.
const LARGE: f64 = 0.5;
/// Slopes over displacements a hundredfold apart that agree this well belong to a straight line.
const STRAIGHT: f64 = 0.1;
/// A curve is straight over about a tenth of the length over which it turns.
pub(crate) const TURN: f64 = 10.0;
/// From one displacement to the next.
pub(crate) const SHRINK: f64 = 0.01;
/// Hundredths before a jump is taken for what it is: forty orders, more than units differ by.
pub(crate) const ROUNDS: usize = 20;

/// A slope, and the displacement over which it was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlopeSample {
    pub slope: f64,
    pub step: f64,
}

impl SlopeSample {
    /// Whether f, which is `size` large, changes by so much that the displacement may be too long. Of an f that is 0
    /// nothing can be said: any change is larger.
    pub fn is_large(&self, size: f64) -> bool {
        size > 0.0 && (self.slope * self.step).abs() > LARGE * size
    }

    /// What a shorter displacement says of a longer one, the first of all or not.
    pub fn after(&self, longer: &SlopeSample, first: bool, size: f64) -> Size {
        if !(self.step > 0.0 && self.slope.is_finite()) {
            return Size::AsAssumed;
        }
        let straight = (self.slope - longer.slope).abs() <= STRAIGHT * longer.slope.abs();
        match (straight, first) {
            (true, true) => Size::AsAssumed,
            (true, false) => Size::Found(TURN * longer.step),
            // At a start where f is level the slope vanishes with the displacement.
            (false, _) if !self.is_large(size) => Size::Found(TURN * self.step),
            (false, _) => Size::Smaller,
        }
    }
}

/// What is known of the size of an unknown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Size {
    AsAssumed,
    Found(f64),
    /// Than all displacements so far.
    Smaller,
}
