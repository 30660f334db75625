//! Observer and recorder.

use super::Observer;
use crate::Trajectory;
use crate::machine::Machine;
use crate::matrix::norm;
use crate::observer::Iteration;
use crate::oracle::Oracle;
use crate::trajectory::{Record, Recording};
use ndarray::{ArrayView, Dimension};

/// Those who are shown each iteration.
pub(super) struct Watch<'a, D: Dimension> {
    pub shape: D,
    pub observer: Option<Observer<'a, D>>,
    pub recording: Recording,
    pub trajectory: Trajectory,
}

impl<D: Dimension> Watch<'_, D> {
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
                    gradient_norm: norm(state.gradient),
                    step: state.step,
                    evaluations: oracle.meter.evaluations,
                });
            }
        }
        let Some(observer) = self.observer.as_mut().filter(|_| !last) else {
            return false;
        };
        let view = |v| match ArrayView::from_shape(self.shape.clone(), v) {
            Ok(view) => view,
            Err(_) => unreachable!("the state has as many elements as x"),
        };
        let books = oracle.books();
        let iteration = Iteration {
            iteration: state.iteration,
            x: view(state.x),
            value: state.f,
            gradient: view(state.gradient),
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
