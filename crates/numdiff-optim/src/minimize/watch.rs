//! Observer and recorder.

use super::Observer;
use crate::Trajectory;
use crate::machine::Machine;
use crate::matrix::norm;
use crate::observer::Iteration;
use crate::oracle::Oracle;
use crate::trajectory::{Record, Recording};

/// The observer and the recorder of a run.
pub(super) struct Watch<'a> {
    pub observer: Option<Observer<'a>>,
    pub recording: Recording,
    pub trajectory: Trajectory,
}

impl Watch<'_> {
    /// Shows the state; true when the observer wants to stop.
    pub fn see(&mut self, machine: &Machine, oracle: &Oracle<'_>, last: bool) -> bool {
        let state = machine.state();
        if let Recording::Every(k) = self.recording {
            let known = self
                .trajectory
                .records
                .last()
                .is_some_and(|r| r.iteration == state.iteration);
            if !known && (state.iteration.is_multiple_of(k) || last) {
                self.trajectory.records.push(Record {
                    iteration: state.iteration,
                    x: state.x.to_vec(),
                    value: state.f,
                    violation: machine.violation(),
                    gradient_norm: norm(state.gradient),
                    step: state.step,
                    evaluations: oracle.meter.evaluations,
                });
            }
        }
        let Some(observer) = self.observer.as_mut().filter(|_| !last) else {
            return false;
        };
        let books = oracle.books();
        let iteration = Iteration {
            iteration: state.iteration,
            x: state.x,
            value: state.f,
            violation: machine.violation(),
            gradient: state.gradient,
            gradient_norm: norm(state.gradient),
            step: state.step,
            evaluations: books.evaluations,
            gradient_evaluations: books.gradient_evaluations,
            machine,
            books,
        };
        observer(&iteration).is_break()
    }
}
