//! The loop of every method.

use crate::interrupt::Interrupt;
use crate::status::Status;

/// What solvers evaluate, within limits.
pub(crate) trait Limited {
    /// An iteration is over, or the start: its values are not needed any more.
    fn next_iteration(&mut self);
    /// Whether a limit can end an iteration in its middle.
    fn can_interrupt(&self) -> bool;
}

/// A method between two iterations.
pub(crate) trait Iterate<P: ?Sized>: Clone {
    /// Iterations made.
    fn iteration(&self) -> usize;

    /// The next iteration, or what prepares it; a status ends the run. `remaining` iterations are allowed.
    fn iterate(&mut self, problem: &mut P, remaining: usize) -> Result<Option<Status>, Interrupt>;

    /// The status where the point at hand is as low as the caller asked for.
    fn on_target(&self, _problem: &P) -> Option<Status> {
        None
    }

    /// The status when as many iterations as allowed are made.
    fn out_of_iterations(&self) -> Status {
        Status::OutOfIterations
    }
}

/// Iterates until the solver ends the run, `iterations` are made, or `see`, which is shown each iteration once and
/// the start before, wants to stop. An iteration is a transaction: one that a limit interrupts leaves the solver as it
/// was.
pub(crate) fn run<P: Limited + ?Sized, S: Iterate<P>>(
    solver: &mut S,
    problem: &mut P,
    iterations: usize,
    mut see: impl FnMut(&S, &P) -> bool,
) -> Result<Status, Interrupt> {
    let mut seen = None;
    loop {
        if let Some(status) = solver.on_target(problem) {
            return Ok(status);
        }
        let done = solver.iteration();
        if seen != Some(done) {
            seen = Some(done);
            if see(solver, problem) {
                return Ok(Status::Stopped);
            }
        }
        if done >= iterations {
            return Ok(solver.out_of_iterations());
        }
        let before = problem.can_interrupt().then(|| solver.clone());
        match solver.iterate(problem, iterations - done) {
            Ok(end) => {
                problem.next_iteration();
                if let Some(status) = end {
                    return Ok(status);
                }
            }
            Err(interrupt) => {
                if let Some(before) = before {
                    *solver = before;
                }
                return Err(interrupt);
            }
        }
    }
}
