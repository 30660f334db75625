//! The loop of every method.

use crate::interrupt::Interrupt;
use crate::problem::Problem;
use crate::solver::Solver;
use crate::status::Status;

/// Iterates until the solver ends the run, `iterations` are made, or `see`, which is shown each iteration once and
/// the start before, wants to stop. An iteration is a transaction: one that a limit interrupts leaves the solver as it
/// was.
pub(crate) fn run<'e>(
    solver: &mut Solver,
    problem: &mut Problem<'e>,
    iterations: usize,
    mut see: impl FnMut(&Solver, &Problem<'e>) -> bool,
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
