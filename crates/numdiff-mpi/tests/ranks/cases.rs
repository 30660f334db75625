//! What the ranks do.

use mpi::topology::SimpleCommunicator;
use mpi::traits::Communicator;
use ndarray::{Array1, Array2, ArrayRef1, array};
use numdiff_core::{
    Adaptive, FiniteDifference, Function, Moves, Probe, Sides, SparseJacobian, SparsityPattern,
};
use numdiff_mpi::{Error, Mpi, scalar, vector};
use std::collections::HashSet;
use std::process::{Command, exit};
use std::sync::Mutex;
use std::time::Duration;

pub fn run(case: &str) {
    let result = match case {
        "serial_bits" => serial_bits(),
        "failed_evaluation_is_planned_again" => failed_evaluation_is_planned_again(),
        "hopeless_evaluation" => hopeless_evaluation(),
        "panic" => panic(),
        "bad_input" => bad_input(),
        "no_begin" => no_begin(),
        "borrowed_communicator" => borrowed_communicator(),
        "leader_panics" => leader_panics(),
        "adaptive_goes_around" => adaptive_goes_around(),
        "idle_leader" => idle_leader(),
        "slow_rank_gets_less" => slow_rank_gets_less(),
        "cheap_jobs_travel_together" => cheap_jobs_travel_together(),
        "large_outputs" => large_outputs(),
        "endless_evaluation" => endless_evaluation(0),
        "endless_evaluation_elsewhere" => endless_evaluation(1),
        "stopped_rank" => stopped_rank(0),
        "stopped_rank_elsewhere" => stopped_rank(1),
        "rank_ends_by_exit" => rank_ends(|| exit(0)),
        "rank_ends_by_abort" => rank_ends(|| std::process::abort()),
        "rank_ends_by_kill" => rank_ends(killed),
        "rank_ends_by_kill_then_abort" => rank_ends(killed).inspect_err(|error| {
            eprintln!("{error}");
            SimpleCommunicator::world().abort(1);
        }),
        _ => panic!("no case {case}"),
    };
    if let Err(error) = result {
        eprintln!("{error}");
        exit(1);
    }
}

type Outcome = Result<(), Error>;

fn x(n: usize) -> Array1<f64> {
    Array1::from_shape_fn(n, |i| 0.3 + 0.17 * i as f64)
}

/// Every coordinate counts, no two alike; each evaluation takes another time, so that replies arrive
/// in another order than jobs leave.
fn f(x: &ArrayRef1<f64>) -> f64 {
    std::thread::sleep(Duration::from_micros(x.sum().to_bits() % 7 * 40));
    let mut sum = 0.0;
    for (i, &v) in x.iter().enumerate() {
        sum += (v * (i + 1) as f64).sin() * x[(i + 1) % x.len()].exp();
    }
    sum
}

fn r(x: &ArrayRef1<f64>) -> Array1<f64> {
    let s = f(x);
    array![s, s * x[0], x[1].ln() - x[2], x.product()]
}

/// The differences of neighbors: a banded Jacobian.
fn banded(x: &ArrayRef1<f64>) -> Array1<f64> {
    Array1::from_shape_fn(x.len(), |i| {
        x[i].powi(3) - if i > 0 { x[i - 1].exp() } else { 0.0 }
    })
}

fn same<'a>(a: impl IntoIterator<Item = &'a f64>, b: impl IntoIterator<Item = &'a f64>) {
    let bits = |v: &f64| v.to_bits();
    let (a, b): (Vec<u64>, Vec<u64>) = (
        a.into_iter().map(bits).collect(),
        b.into_iter().map(bits).collect(),
    );
    assert!(!a.is_empty());
    assert_eq!(a, b);
}

fn serial_bits() -> Outcome {
    let mpi = Mpi::new()?;
    let x = x(11);
    let kept = x.clone();
    let (central, adaptive) = (FiniteDifference::central(), Adaptive::new());
    mpi.run(scalar(f), |ranks| {
        same(&ranks.gradient(&x)?, &numdiff_core::gradient(f, &x)?);
        assert_eq!((ranks.report().evaluations, ranks.report().rounds), (22, 1));
        let mut count = 0;
        let counted = |x: &ArrayRef1<f64>| {
            count += 1;
            f(x)
        };
        same(&ranks.hessian(&x)?, &numdiff_core::hessian(counted, &x)?);
        assert_eq!(ranks.report().evaluations, count);
        // In two dimensions.
        let square = x
            .slice(ndarray::s![..9])
            .to_shape((3, 3))
            .unwrap()
            .to_owned();
        let flat = |x: &ndarray::ArrayRef2<f64>| f(&x.flatten());
        let ours: Array2<f64> = ranks.gradient(&square)?;
        same(&ours, &numdiff_core::gradient(flat, &square)?);
        // Error bars, found in rounds.
        let (ours, serial) = (
            ranks.solve(adaptive.plan_gradient(&x)?)?,
            adaptive.gradient(f, &x)?,
        );
        same(&ours.value, &serial.value);
        same(&ours.error, &serial.error);
        assert_eq!(ours.evaluations, serial.evaluations);
        assert_eq!(ranks.report().evaluations, serial.evaluations);
        let (ours, serial) = (
            ranks.solve(adaptive.plan_hessian(&x)?)?,
            adaptive.hessian(f, &x)?,
        );
        same(&ours.value, &serial.value);
        same(&ours.error, &serial.error);
        // More lines than a round holds.
        let long = self::x(700);
        let cheap = |x: &ArrayRef1<f64>| f(x);
        same(
            &ranks.gradient(&long)?,
            &numdiff_core::gradient(cheap, &long)?,
        );
        assert!(ranks.report().rounds > 1);
        // A plan that is no operator.
        let (mut ours, mut serial) = (Probe::new(), Probe::new());
        let (point, steps) = (x.to_vec(), vec![1e-5; x.len()]);
        for probe in [&mut ours, &mut serial] {
            probe.set(f(&x), None, &steps, Sides::Both);
        }
        assert_eq!(ranks.drive(&mut ours, &point)?, 22);
        numdiff_core::drive(&mut serial, &mut scalar(f)(), &point)?;
        for i in 0..x.len() {
            assert_eq!(ours.slope(i, 0.0, 0.0), serial.slope(i, 0.0, 0.0));
        }
        // A plan told half-way goes on.
        let mut half = central.plan_gradient(&x)?;
        for job in half.ask()?.into_iter().step_by(2) {
            let mut at = x.to_vec();
            job.moves.apply(&mut at);
            half.tell(job.id, [f(&Array1::from(at))])?;
        }
        same(&ranks.solve(half)?, &numdiff_core::gradient(f, &x)?);
        assert_eq!(ranks.report().evaluations, 11);
        Ok::<_, Error>(())
    })?;
    mpi.run(vector(r), |ranks| {
        same(&ranks.jacobian(&x)?, &numdiff_core::jacobian(r, &x)?);
        let v = Array1::linspace(-1.0, 1.0, x.len());
        same(
            &ranks.solve(central.plan_jacobian_vector(&x, &v)?)?,
            &central.jacobian_vector(r, &x, &v)?,
        );
        let ours = ranks.solve(adaptive.plan_jacobian(&x)?)?;
        let serial = adaptive.jacobian(r, &x)?;
        same(&ours.value, &serial.value);
        same(&ours.error, &serial.error);
        Ok::<_, Error>(())
    })?;
    mpi.run(vector(banded), |ranks| {
        let n = x.len();
        let pattern = SparsityPattern::banded(n, n, 1, 0)?;
        let sparse = SparseJacobian::new(pattern);
        same(
            ranks
                .solve(central.plan_sparse_jacobian(&x, &sparse)?)?
                .values(),
            central.sparse_jacobian(banded, &x, &sparse)?.values(),
        );
        Ok::<_, Error>(())
    })?;
    assert_eq!(x, kept);
    Ok(())
}

/// Rank 1 fails always (an only rank: at each point the first time).
fn failed_evaluation_is_planned_again() -> Outcome {
    let mpi = Mpi::new()?;
    let (rank, size, x) = (mpi.rank(), mpi.size(), x(9));
    let seen = Mutex::new(HashSet::new());
    let failing = move |x: &ArrayRef1<f64>| {
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
            ranks.solve(adaptive.plan_gradient(&x)?)?,
            adaptive.gradient(f, &x)?,
        );
        same(&ours.value, &serial.value);
        same(&ours.error, &serial.error);
        Ok::<_, Error>(())
    })?;
    Ok(())
}

fn hopeless_evaluation() -> Outcome {
    let mpi = Mpi::new()?;
    let x = x(9);
    let far = x[4];
    let failing = move |x: &ArrayRef1<f64>| {
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
            &ranks.solve(backward.plan_gradient(&x)?)?,
            &backward.gradient(f, &x)?,
        );
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// f panics on the last rank, or wherever coordinate 3 is moved up.
fn panic() -> Outcome {
    let mpi = Mpi::new()?;
    let x = x(9);
    let start = x[3];
    let panics = move |x: &ArrayRef1<f64>| {
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
            &ranks.solve(backward.plan_gradient(&x)?)?,
            &backward.gradient(f, &x)?,
        );
        Ok::<_, Error>(())
    })?;
    // On one rank alone, which is named.
    let (last, rank) = (mpi.size() - 1, mpi.rank());
    let panics = move |x: &ArrayRef1<f64>| {
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

fn bad_input() -> Outcome {
    use numdiff_core::Error as Core;
    let mpi = Mpi::new()?;
    let uneven = |x: &ArrayRef1<f64>| vec![1.0; if x[1] > 0.0 { 2 } else { 3 }];
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
    let nan = |x: &ArrayRef1<f64>| if x[0] > 1.0 { f64::NAN } else { x[0] };
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

fn no_begin() -> Outcome {
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

fn borrowed_communicator() -> Outcome {
    let (universe, _) =
        mpi::initialize_with_threading(mpi::Threading::Funneled).expect("not initialized before");
    let mpi = Mpi::on(&universe.world())?;
    let x = x(5);
    let found = mpi.run(scalar(f), |ranks| ranks.gradient(&x))?;
    assert_eq!(found.is_some(), mpi.is_leader());
    if let Some(found) = found {
        same(&found, &numdiff_core::gradient(f, &x)?);
    }
    Ok(())
}

fn leader_panics() -> Outcome {
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

/// f can't be evaluated beyond a wall: Adaptive looks on the other side.
fn adaptive_goes_around() -> Outcome {
    let mpi = Mpi::new()?;
    let x = x(3);
    let wall = x[1];
    let failing = move |x: &ArrayRef1<f64>| {
        if x[1] > wall {
            Err("beyond")
        } else {
            Ok(x[0] * x[1].exp() + x[2])
        }
    };
    mpi.run(scalar(failing), |ranks| {
        let found = ranks.solve(Adaptive::new().plan_gradient(&x)?)?;
        let exact = x[0] * x[1].exp();
        assert!(
            (found.value[1] - exact).abs() <= found.error[1],
            "{found:?}"
        );
        // One-sided differences of 1e-16 noise lose a few digits, not half of them.
        assert!(found.error[1] < 1e-6 * exact, "{found:?}");
        assert!(ranks.report().failed > 0);
        Ok::<_, Error>(())
    })?;
    Ok(())
}

fn idle_leader() -> Outcome {
    let mpi = Mpi::new()?.with_evaluating_leader(false);
    let (x, rank) = (x(9), mpi.rank());
    let elsewhere = move |x: &ArrayRef1<f64>| {
        assert!(rank != 0);
        f(x)
    };
    mpi.run(scalar(elsewhere), |ranks| {
        same(&ranks.gradient(&x)?, &numdiff_core::gradient(f, &x)?);
        let by: Vec<i32> = ranks.report().ranks.iter().map(|r| r.rank).collect();
        assert_eq!(by, [1, 2]);
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// Rank 1 is ten times as slow.
fn slow_rank_gets_less() -> Outcome {
    let mpi = Mpi::new()?;
    let (x, rank) = (x(40), mpi.rank());
    let uneven = move |x: &ArrayRef1<f64>| {
        std::thread::sleep(Duration::from_millis(if rank == 1 { 50 } else { 5 }));
        x.sum()
    };
    mpi.run(scalar(uneven), |ranks| {
        ranks.gradient(&x)?;
        let done = &ranks.report().ranks;
        assert_eq!(done.iter().map(|r| r.evaluations).sum::<usize>(), 80);
        // Equal shares would be 27 each; a tenth of the speed is a twentieth of 80.
        assert!(done[1].evaluations < 20, "{done:?}");
        assert!(
            done[0].evaluations > 20 && done[2].evaluations > 20,
            "{done:?}"
        );
        Ok::<_, Error>(())
    })?;
    Ok(())
}

fn cheap_jobs_travel_together() -> Outcome {
    let mpi = Mpi::new()?;
    let x = x(2000);
    let sum = |x: &ArrayRef1<f64>| x[0] + x[1999];
    mpi.run(scalar(sum), |ranks| {
        same(&ranks.gradient(&x)?, &numdiff_core::gradient(sum, &x)?);
        let report = ranks.report();
        assert_eq!(report.evaluations, 4000);
        assert!(report.batches < 2000, "{report:?}");
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// Outputs beyond what MPI sends without an answer, and an x of several megabytes.
fn large_outputs() -> Outcome {
    let mpi = Mpi::new()?;
    let wide = |x: &ArrayRef1<f64>| Array1::from_shape_fn(200_000, |k| x[k % 3] * k as f64);
    let x = x(3);
    mpi.run(vector(wide), |ranks| {
        same(&ranks.jacobian(&x)?, &numdiff_core::jacobian(wide, &x)?);
        Ok::<_, Error>(())
    })?;
    let long = self::x(500_000);
    let first = |x: &ArrayRef1<f64>| x[0] * x[499_999];
    mpi.run(scalar(first), |ranks| {
        let mut v = Array1::zeros(long.len());
        (v[0], v[499_999]) = (1.0, -2.0);
        let central = FiniteDifference::central();
        let ours = ranks.solve(central.plan_directional(&long, &v)?)?;
        assert_eq!(
            ours.to_bits(),
            central.directional(first, &long, &v)?.to_bits()
        );
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// f never returns on the last rank.
fn endless_evaluation(allowed: usize) -> Outcome {
    let mpi = Mpi::new()?
        .with_evaluation_limit(Duration::from_millis(500))
        .with_lost_ranks(allowed);
    let (x, rank, last) = (x(9), mpi.rank(), mpi.size() - 1);
    let endless = move |x: &ArrayRef1<f64>| {
        if rank == last {
            loop {
                std::thread::park();
            }
        }
        f(x)
    };
    mpi.run(scalar(endless), |ranks| {
        same(&ranks.gradient(&x)?, &numdiff_core::gradient(f, &x)?);
        assert!(ranks.report().reassigned > 0 && ranks.report().ranks[last as usize].lost);
        // It is not asked again.
        same(&ranks.gradient(&x)?, &numdiff_core::gradient(f, &x)?);
        assert_eq!(ranks.report().reassigned, 0);
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// Rank 2 is stopped while f runs, as by a machine that hangs.
fn stopped_rank(allowed: usize) -> Outcome {
    let mpi = Mpi::new()?
        .with_timeout(Duration::from_secs(2))
        .with_lost_ranks(allowed);
    let (x, rank) = (x(9), mpi.rank());
    let stopped = move |x: &ArrayRef1<f64>| {
        if rank == 2 {
            signal("STOP");
        }
        std::thread::sleep(Duration::from_millis(5));
        f(x)
    };
    mpi.run(scalar(stopped), |ranks| {
        same(&ranks.gradient(&x)?, &numdiff_core::gradient(f, &x)?);
        assert!(ranks.report().ranks[2].lost);
        println!("as serial without rank 2");
        Ok::<_, Error>(())
    })?;
    Ok(())
}

fn killed() -> f64 {
    signal("KILL");
    unreachable!("killed")
}

fn rank_ends(end: fn() -> f64) -> Outcome {
    let mpi = Mpi::new()?.with_timeout(Duration::from_secs(2));
    let (x, rank) = (x(9), mpi.rank());
    let ends = move |x: &ArrayRef1<f64>| {
        std::thread::sleep(Duration::from_millis(5));
        if rank == 2 { end() } else { f(x) }
    };
    mpi.run(scalar(ends), |ranks| {
        same(&ranks.gradient(&x)?, &numdiff_core::gradient(f, &x)?);
        println!("a result all the same");
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// Sends a signal to this process.
fn signal(name: &str) {
    let pid = std::process::id().to_string();
    let sent = Command::new("kill").args(["-s", name, &pid]).status();
    assert!(sent.is_ok_and(|status| status.success()));
}
