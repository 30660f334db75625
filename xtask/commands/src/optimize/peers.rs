//! The stored rows of other optimizers.

use super::{Row, Solver};

/// Rows of other optimizers, measured once and stored: evaluations of f, difference probes counted, until
/// f - f* <= tau (f0 - f*), at tight tolerances with a budget of 1000 (n + 1); empty where never.
const PEERS: &str = include_str!("../../../../tests/golden/optimizer_peers.csv");

pub(super) fn peers() -> Vec<Solver> {
    let mut solvers: Vec<Solver> = Vec::new();
    for line in PEERS.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |k: usize| cells.get(k).and_then(|cell| cell.parse::<usize>().ok());
        let row = Row {
            problem: cells[2].into(),
            n: number(3).unwrap_or(0),
            evaluations: [number(4), number(5), number(6)],
            status: None,
            error: f64::NAN,
            total: number(7).unwrap_or(0),
            infeasible: 0,
        };
        match solvers.iter_mut().find(|solver| solver.name == cells[1]) {
            Some(solver) => solver.rows.push(row),
            None => solvers.push(Solver {
                name: cells[1].into(),
                rows: vec![row],
            }),
        }
    }
    solvers
}

/// The problems that the peers have rows for.
pub(super) fn stored(solvers: &[Solver]) -> Vec<String> {
    let newuoa = solvers.iter().find(|solver| solver.name == "pdfo-NEWUOA");
    let rows = newuoa.map_or(&[][..], |solver| &solver.rows);
    rows.iter().map(|row| row.problem.clone()).collect()
}
