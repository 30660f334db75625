//! Evaluations that fail or panic, and bad input.

use super::{Outcome, f, same, x};
use ndarray::{Array1, array};
use numdiff_core::{Adaptive, FiniteDifference, Function, Moves};
use numdiff_mpi::{Error, Mpi, scalar, vector};
use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

/// Rank 1 fails always (an only rank: at each point the first time).
pub fn failed_evaluation_is_planned_again() -> Outcome {
    let mpi = Mpi::new()?;
    let (rank, size, x) = (mpi.rank(), mpi.size(), x(9));
    let seen = Mutex::new(HashSet::new());
    let failing = move |x: &Array1<f64>| {
        let point: Vec<u64> = x.iter().map(|v| v.to_bits()).collect();
        if rank == 1 || (size == 1 && seen.lock().unwrap().insert(point)) {
            return Err("no license on this machine");
        }
        Ok(f(x))
    };
    mpi.run(scalar(failing), |ranks| {
        same(&ranks.gradient(&x)?, &numdiff_core::gradient(f, &x)?);
        let report = ranks.report();
        assert!(report.failed > 0);
        assert_eq!(report.evaluations, 18 + report.failed);
        let adaptive = Adaptive::new();
        let (ours, serial) = (
            ranks.solve(adaptive.plan().gradient(&x).ask_tell()?)?,
            adaptive.gradient(f, &x)?,
        );
        same(&ours.value, &serial.value);
        same(&ours.error, &serial.error);
        Ok::<_, Error>(())
    })?;
    Ok(())
}

pub fn hopeless_evaluation() -> Outcome {
    let mpi = Mpi::new()?;
    let x = x(9);
    let far = x[4];
    let failing = move |x: &Array1<f64>| {
        if x[4] > far {
            Err(format!("{} is too much", x[4]))
        } else {
            Ok(f(x))
        }
    };
    mpi.run(scalar(failing), |ranks| {
        match ranks.gradient(&x) {
            Err(Error::Failed {
                rank,
                coordinate: 4,
                displacement,
                attempts: 3,
                message,
            }) => {
                assert!(rank >= 0 && rank < mpi.size());
                assert!(displacement > 0.0 && message.ends_with("is too much"));
            }
            other => panic!("{other:?}"),
        }
        // The ranks can be asked again.
        let backward = FiniteDifference::backward();
        same(
            &ranks.solve(backward.plan().gradient(&x).ask_tell()?)?,
            &backward.gradient(f, &x)?,
        );
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// f panics on the last rank, or wherever coordinate 3 is moved up.
pub fn panic() -> Outcome {
    let mpi = Mpi::new()?;
    let x = x(9);
    let start = x[3];
    let panics = move |x: &Array1<f64>| {
        assert!(x[3] <= start, "on purpose");
        f(x)
    };
    mpi.run(scalar(panics), |ranks| {
        for _ in 0..3 {
            match ranks.gradient(&x) {
                Err(Error::Panicked {
                    rank,
                    coordinate: 3,
                    displacement,
                    message,
                }) => {
                    assert!(rank >= 0 && rank < mpi.size() && displacement > 0.0);
                    assert_eq!(message, "on purpose");
                }
                other => panic!("{other:?}"),
            }
        }
        let backward = FiniteDifference::backward();
        same(
            &ranks.solve(backward.plan().gradient(&x).ask_tell()?)?,
            &backward.gradient(f, &x)?,
        );
        Ok::<_, Error>(())
    })?;
    // On one rank alone, which is named.
    let (last, rank) = (mpi.size() - 1, mpi.rank());
    let panics = move |x: &Array1<f64>| {
        assert!(rank != last, "rank {rank}");
        std::thread::sleep(Duration::from_millis(5));
        x[0]
    };
    mpi.run(scalar(panics), |ranks| {
        match ranks.gradient(&x) {
            Err(Error::Panicked { rank, message, .. }) => {
                assert_eq!((rank, message), (last, format!("rank {last}")));
            }
            other => panic!("{other:?}"),
        }
        Ok::<_, Error>(())
    })?;
    Ok(())
}

pub fn bad_input() -> Outcome {
    use numdiff_core::Error as Core;
    let mpi = Mpi::new()?;
    let uneven = |x: &Array1<f64>| vec![1.0; if x[1] > 0.0 { 2 } else { 3 }];
    mpi.run(vector(uneven), |ranks| {
        let empty = Array1::<f64>::zeros(0);
        assert!(matches!(
            ranks.gradient(&empty),
            Err(Error::Core(Core::Empty { .. }))
        ));
        let nan = array![1.0, f64::NAN];
        assert!(matches!(
            ranks.gradient(&nan),
            Err(Error::Core(Core::NotFinite { index: 1, .. }))
        ));
        assert!(matches!(
            ranks.jacobian(&array![1.0, 0.0]),
            Err(Error::Core(Core::OutputsChanged { .. }))
        ));
        assert_eq!(ranks.jacobian(&array![1.0, 5.0])?.dim(), (2, 2));
        Ok::<_, Error>(())
    })?;
    let nan = |x: &Array1<f64>| if x[0] > 1.0 { f64::NAN } else { x[0] };
    mpi.run(scalar(nan), |ranks| {
        assert!(matches!(
            ranks.gradient(&array![1.0]),
            Err(Error::Core(Core::NonFiniteValue { coordinate: 0, .. }))
        ));
        Ok::<_, Error>(())
    })?;
    let impatient = mpi.with_timeout(Duration::ZERO);
    let result = impatient.run(scalar(f), |_| Ok::<_, Error>(()));
    assert!(matches!(
        result,
        Err(Error::OutOfRange {
            argument: "timeout",
            ..
        })
    ));
    let hasty = impatient
        .with_timeout(Duration::from_secs(9))
        .with_evaluation_limit(Duration::ZERO);
    let result = hasty.run(scalar(f), |_| Ok::<_, Error>(()));
    assert!(matches!(
        result,
        Err(Error::OutOfRange {
            argument: "evaluation limit",
            ..
        })
    ));
    assert!(matches!(Mpi::new(), Err(Error::Initialized)));
    Ok(())
}

/// A function that needs x to be positive from the start.
struct Fussy;
impl Function for Fussy {
    type Error = String;
    fn begin(&mut self, x: &[f64]) -> Result<(), String> {
        if x[0] > 0.0 {
            Ok(())
        } else {
            Err(format!("x[0] = {}", x[0]))
        }
    }
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), String> {
        let mut sum = 0.0;
        moves.for_each(|_, to| sum += to);
        values.push(sum);
        Ok(())
    }
}

pub fn no_begin() -> Outcome {
    let mpi = Mpi::new()?;
    mpi.run(
        || Fussy,
        |ranks| {
            match ranks.gradient(&array![-1.0, 1.0]) {
                Err(Error::Begin { message, .. }) => assert_eq!(message, "x[0] = -1"),
                other => panic!("{other:?}"),
            }
            assert!(ranks.gradient(&array![1.0, 1.0]).is_ok());
            Ok::<_, Error>(())
        },
    )?;
    Ok(())
}

pub fn leader_panics() -> Outcome {
    let mpi = Mpi::new()?;
    mpi.run(scalar(f), |ranks| {
        ranks.gradient(&x(5))?;
        if mpi.is_leader() {
            panic!("rank 0 says: on purpose");
        }
        Ok::<_, Error>(())
    })?;
    Ok(())
}
