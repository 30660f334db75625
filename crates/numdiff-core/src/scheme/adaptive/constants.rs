//! The constants of the adaptive scheme, each with its reason.

/// Rounding noise of one value of f, in units of epsilon |f|: a correctly rounded f has a standard
/// deviation of 2^-53 / sqrt(3) to 2^-52 / sqrt(3), that is 0.29 at most; library functions and a
/// few operations before them give about half a unit.
pub(super) const ROUNDING: f64 = 0.5;

/// A level counts when it exceeds this many standard deviations of its noise.
pub(super) const SIGNIFICANT: f64 = 4.0;

/// A window is trusted when its first neglected level is at most this share of the leading ones:
/// H is then below about half the radius of convergence, and the levels fall by 4 per level.
pub(super) const CONVERGED: f64 = 0.25;

/// A coefficient that changes by less than this share of itself when the largest step is left out is
/// there; that of a smooth f grows fourfold or more.
pub(super) const STABLE: f64 = 0.5;

/// One that changes by more than this many times itself is the truncation of a smooth f.
pub(super) const CONTINUED: f64 = 3.0;

/// A kink above the bar is told from this share of the derivative on: below, the rounding inside f may
/// look like one.
pub(super) const WEAK_KINK: f64 = 1e-6;

/// n! of the orders.
pub(super) const FACTORIAL: [f64; 9] = [1.0, 1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5040.0, 40320.0];

/// Error estimate: standard deviations of the noise.
pub(super) const NOISE_FACTOR: f64 = 3.0;

/// The same for higher orders and one side, where fewer values carry the noise and the noise of
/// f(x) is in all of them.
pub(super) const OTHER_NOISE_FACTOR: f64 = 4.0;

/// log2 of the weight of truncation against noise when a window is chosen: the top level is then
/// drowned in noise and measures it.
pub(super) const BALANCE: f64 = 6.0;

/// The same where a tolerance is given: the check point has to vouch for fewer digits.
pub(super) const LOOSE_BALANCE: f64 = 2.0;

/// Bits of accuracy that an evaluated pair must buy.
pub(super) const COST: f64 = 0.8;

/// The same once noise above rounding is known: it took evaluations to find, and more accuracy can be
/// had by more of them only.
pub(super) const COST_IN_NOISE: f64 = 0.5;

/// log2 of the relative error below which more evaluations bring nothing.
pub(super) const FLOOR: f64 = -47.8;

/// log2 of the gain in error from which it is told that the reach stood against larger steps.
pub(super) const WORTH_TELLING: f64 = 2.0;

/// The same where the caller set the reach: all digits but two.
pub(super) const ALL_THE_DIGITS: f64 = 1.5e-14;

/// Error relative to the derivative from which the default reach counts as a limit: half the digits.
pub(super) const HALF_THE_DIGITS: f64 = 1.5e-8;

/// 2^-5 of the scale of x: the first step.
pub(super) const FIRST_STEP: i32 = -5;

/// The step of least error of a stencil of order p grows with the root p + 1 of the noise; the first
/// windows have orders 4 to 6.
pub(super) const NOISE_ROOT: i32 = 6;

/// Octaves to go down when nothing converged.
pub(super) const DESCENT: i32 = 4;

/// The least noise that counts: keeps ratios finite where f is exactly 0. The smallest number.
pub(super) const LEAST_NOISE: f64 = f64::from_bits(1);

/// A jump to a much larger step pays when the noise of the first neglected level exceeds this
/// share of the leading ones.
pub(super) const VISIBLE: f64 = 1e-6;

/// Error estimate: the noise assumed counts as so many samples beside those that were seen. One or two
/// alone would say too much: they are small, or large, by chance.
pub(super) const ASSUMED: f64 = 1.0;

/// Error estimate: standard deviations of the noise in addition where no sample of it was seen, since
/// every top level is signal: it may be above that assumed.
pub(super) const UNSEEN: f64 = 2.0;

/// Error estimate: weight of the residual at the check point, one sample of noise and truncation.
pub(super) const RESIDUAL_FACTOR: f64 = 2.0;

/// The same where it is the only sample of the noise.
pub(super) const UNSEEN_RESIDUAL_FACTOR: f64 = 3.0;

/// The same for a window of two nodes, which has no top level of noise to compare with: one sample of
/// a normal deviate is below a tenth of its deviation in 8 % of the cases.
pub(super) const FEW_NODES_RESIDUAL_FACTOR: f64 = 12.0;

/// A residual this many times what noise and truncation explain raises the noise assumed.
pub(super) const SURPRISE: f64 = 3.0;

/// A top level below this many standard deviations may be noise, even where it continues the fall.
pub(super) const DROWNED: f64 = 6.0;

/// Discrepancies below this share of the slope that no growth of levels explains come from the
/// way f is computed: the tolerances of iterations are usually below it, kinks above.
pub(super) const BRANCH: f64 = 1e-5;

/// Levels that hardly fall are taken to fall by this: their sum stays finite.
pub(super) const SLOWEST_FALL: f64 = 0.75;

/// Steps of f below this share of f(x), those of five decimal digits, may come from rounding a
/// result or a part of it.
pub(super) const SMALL_STEPS: f64 = 3e-5;

/// f changes over the window by so many times f(x): its steps may be far above the scale of f at x.
pub(super) const FAR_BEYOND: f64 = 1e6;
