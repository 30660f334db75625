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

/// What a kink or a jump keeps at two looks far apart, and at a third that the smallest steps make: differences by
/// these shares are rounding and what else f does.
pub(super) const AT_BOTH: f64 = 0.2;
pub(super) const AT_ALL: f64 = 0.1;

/// A level below this share of the next one vanishes beside it.
pub(super) const VANISHES: f64 = 1e-3;

/// A derivative that is 0 to this share of the levels that lead has all its digits.
pub(super) const ZERO: f64 = 1e-9;

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

/// The same in noise above rounding, seen or declared: it took evaluations to find, and more accuracy can be had by
/// more of them only.
pub(super) const COST_IN_NOISE: f64 = 0.5;

/// A jump to a much larger step pays when the noise of the first neglected level exceeds this
/// share of the leading ones.
pub(super) const VISIBLE: f64 = 1e-6;

/// Octaves of such a jump at least.
pub(super) const JUMP: i32 = 3;

/// f changes over the window by so many times f(x): its steps may be far above the scale of f at x.
pub(super) const FAR_BEYOND: f64 = 1e6;

/// A noise within this factor of f(x), either way, hides what f does where it changes by f(x).
pub(super) const LIKE_F: f64 = 1e3;

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

/// Octaves by which the first step grows with the order: rounding is divided by h to that power.
pub(super) const ORDER_OCTAVES: [i32; 9] = [0, 0, 1, 2, 3, 3, 4, 4, 4];

/// The step of least error of a stencil of order p grows with the root p + 1 of the noise; the first
/// windows have orders 4 to 6.
pub(super) const NOISE_ROOT: i32 = 6;

/// Most rounds of a search: what has not come to an end by then goes around in circles.
pub(super) const ROUNDS: usize = 26;

/// Octaves to go down when nothing converged.
pub(super) const DESCENT: i32 = 4;

/// Octaves by which each stride down is longer than the one before.
pub(super) const GROWING: i32 = 2;

/// Most looks on one way down: with the growing strides they span more than the exponents of f64.
pub(super) const LOOKS: usize = 14;

/// Octaves between two looks that are compared: what a smooth f or a pole shows at both has changed
/// by far more than the tolerance of the comparison.
pub(super) const FAR_LOOKS: i32 = 8;

/// Octaves between two looks that say nothing of each other: f may do anything in between.
pub(super) const FAR_APART: i32 = 32;

/// Octaves below the smallest step to which noise at x = 0 is followed.
pub(super) const FAR_BELOW_ZERO: i32 = 80;

/// Levels of one noise agree within this factor: eta of Moré and Wild.
pub(crate) const AGREEMENT: f64 = 4.0;

/// Octaves below a natural scale at which it is looked for: f is smooth there if it varies on it.
pub(super) const NATURAL: i32 = 4;

/// A natural scale that lies more strides below than this is not gone to at once.
pub(super) const WIDEST_DETOUR: i32 = 8;

/// A first pair that is more bent than this times steep is out of scale or stationary.
pub(super) const STEEP: f64 = 0.5;

/// The least noise that counts: keeps ratios finite where f is exactly 0. The smallest number.
pub(super) const LEAST_NOISE: f64 = f64::from_bits(1);

/// Error estimate: the rounding of an argument inside f, one standard deviation in units of epsilon |x|: that of a
/// uniform error of half a unit in the last place, 2^-52 / sqrt(12) of a binade.
pub(super) const ARGUMENT: f64 = 0.2;

/// Error estimate: samples so many times the noise assumed say that it is another.
pub(super) const UNLIKE: f64 = 2.0;

/// Error estimate: by what the noise that so many samples show is multiplied where they alone tell, for bars of
/// 3 deviations that 1 % of Student's distribution exceeds.
pub(super) const STUDENT: [f64; 9] = [1.0, 8.0, 4.0, 2.3, 1.7, 1.5, 1.3, 1.25, 1.2];

/// Error estimate: standard deviations of the noise in addition where no sample of it was seen, since
/// every top level is signal: it may be above that assumed.
pub(super) const UNSEEN: f64 = 2.0;

/// Error estimate: weight of the residual at the check point, one sample of noise and truncation.
pub(super) const RESIDUAL_FACTOR: f64 = 2.0;

/// The same where it is the only sample of the noise.
pub(super) const UNSEEN_RESIDUAL_FACTOR: f64 = 3.0;

/// Half of cot(pi / 5): a full mantissa, so that no power of two times it lies on the grid of the nodes,
/// and no period of f that fits the grid fits the check point.
pub(super) const OFF_GRID: f64 = 0.688_190_960_235_586_8;

/// Twice tan(pi / 5): full mantissa, so that no rounding inside f is shared.
pub(super) const OFF_GRID_BESIDE: f64 = 1.453_085_056_010_722;

/// A second point beside x on the same side, or on the other: at another distance, since an argument that both move
/// by whole units of its last place is rounded alike.
pub(super) const ANOTHER: f64 = 1.7;

/// Octaves from the smallest step to the check point, which is that many times [`OFF_GRID`] away: between
/// the two smallest steps.
pub(super) const CHECK_OCTAVE: i32 = 1;

/// The same for two nodes under a tolerance: well inside, where a kink between x and the steps shows, and
/// noise is 8 times what it is at the smallest step.
pub(super) const FEW_NODES_CHECK_OCTAVE: i32 = -3;

/// A tolerance is grossly missed by an error of this share of the derivative.
pub(super) const GROSS: f64 = 1e-4;

/// A residual up to this many bars is explained by them; above it f is another than the window's.
pub(super) const EXPLAINED: f64 = 100.0;

/// A residual up to this many bars can be noise.
pub(super) const RAISED: f64 = 1e3;

/// |x f'(x) / f(x)| from which the rounding inside f may be far above that of its value: where no level shows any
/// noise it is looked for beside x.
pub(super) const CONDITION: f64 = 4.0;

/// The same from which it is looked for always: exp(-k/x) rounds k/x, which counts so many times.
pub(super) const LARGE_CONDITION: f64 = 32.0;

/// Octaves below the first step at which a bound has the search look at one side: central differences of
/// those steps lose as many digits to rounding as one-sided ones to their higher order.
pub(super) const ROOM: i32 = 6;

/// Error relative to the derivative from which the one side is tried where f is not defined on the other.
pub(super) const DOUBTFUL: f64 = 1e-8;

/// A fit that no point has seen gets one if that may make the error this many times smaller.
pub(super) const WORTH_A_POINT: f64 = 8.0;

/// A budget that ends with a bar above this share of the derivative has found nothing.
pub(super) const SAYS_NOTHING: f64 = 0.5;

/// Octaves above a window in which another branch of f is looked for.
pub(super) const BRANCH_OCTAVES: i32 = 3;

/// How often a check point may raise the noise assumed: it costs evaluations, and what they did not mend more of them
/// do not.
pub(super) const NOISE_RAISES: u32 = 2;

/// How often a missed tolerance may tighten the plan, for the same reason.
pub(super) const TOLERANCE_MISSES: u32 = 3;

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
