//! Who did what.

/// What the last question cost, by rank.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Evaluations of which an outcome arrived, failed ones included.
    pub evaluations: usize,
    /// Evaluations that failed and were told to the plan, which asked again or went around.
    pub failed: usize,
    /// Evaluations handed out again because their rank was lost.
    pub reassigned: usize,
    /// Rounds of the plan.
    pub rounds: usize,
    /// Messages with jobs.
    pub batches: usize,
    /// Each evaluating rank, in order.
    pub ranks: Vec<RankReport>,
}

/// What one rank did for the last question.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RankReport {
    /// The rank.
    pub rank: i32,
    /// Its evaluations, failed ones included.
    pub evaluations: usize,
    /// Seconds it spent in f.
    pub seconds: f64,
    /// Whether it was given up, in this or an earlier question.
    pub lost: bool,
}
