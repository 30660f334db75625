//! Results that have the bits of the serial ones.

use super::{Outcome, f, same, x};
use ndarray::{Array1, Array2, array};
use numdiff_core::{Adaptive, FiniteDifference, SparseJacobian, SparsityPattern};
use numdiff_mpi::{Error, Mpi, scalar, vector};

fn r(x: &Array1<f64>) -> Array1<f64> {
    let s = f(x);
    array![s, s * x[0], x[1].ln() - x[2], x.product()]
}

/// The differences of neighbors: a banded Jacobian.
fn banded(x: &Array1<f64>) -> Array1<f64> {
    Array1::from_shape_fn(x.len(), |i| {
        x[i].powi(3) - if i > 0 { x[i - 1].exp() } else { 0.0 }
    })
}

pub fn serial_bits() -> Outcome {
    let mpi = Mpi::new()?;
    let x = x(11);
    let kept = x.clone();
    let (central, adaptive) = (FiniteDifference::central(), Adaptive::new());
    mpi.run(scalar(f), |ranks| {
        same(&ranks.gradient(&x)?, &numdiff_core::gradient(f, &x)?);
        assert_eq!((ranks.report().evaluations, ranks.report().rounds), (22, 1));
        let mut count = 0;
        let counted = |x: &Array1<f64>| {
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
        let flat = |x: &Array2<f64>| f(&x.flatten().into_owned());
        let ours: Array2<f64> = ranks.gradient(&square)?;
        same(&ours, &numdiff_core::gradient(flat, &square)?);
        // Error bars, found in rounds.
        let (ours, serial) = (
            ranks.solve(adaptive.plan().gradient(&x).ask_tell()?)?,
            adaptive.gradient(f, &x)?,
        );
        same(&ours.value, &serial.value);
        same(&ours.error, &serial.error);
        assert_eq!(ours.evaluations, serial.evaluations);
        assert_eq!(ranks.report().evaluations, serial.evaluations);
        let (ours, serial) = (
            ranks.solve(adaptive.plan().hessian(&x).ask_tell()?)?,
            adaptive.hessian(f, &x)?,
        );
        same(&ours.value, &serial.value);
        same(&ours.error, &serial.error);
        // More lines than a round holds.
        let long = self::x(700);
        let cheap = |x: &Array1<f64>| f(x);
        same(
            &ranks.gradient(&long)?,
            &numdiff_core::gradient(cheap, &long)?,
        );
        assert!(ranks.report().rounds > 1);
        // Begun here, at another x than it was made for.
        let elsewhere = vec![0.0; x.len()];
        let mut ours = adaptive.plan().gradient(&elsewhere).ask_tell()?;
        let point = x.to_vec();
        let evaluations = ranks.drive(&mut ours, &point)?;
        let serial = adaptive.plan().gradient(&x);
        let expected = serial.serial_function(&mut scalar(f)())?;
        assert_eq!(evaluations, expected.evaluations);
        let found = ours.finish()?;
        same(&found.value, &expected.value);
        same(&found.error, &expected.error);
        // A plan told half-way goes on.
        let mut half = central.plan().gradient(&x).ask_tell()?;
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
            &ranks.solve(central.plan().jacobian_vector(&x, &v).ask_tell()?)?,
            &central.jacobian_vector(r, &x, &v)?,
        );
        let ours = ranks.solve(adaptive.plan().jacobian(&x).ask_tell()?)?;
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
                .solve(central.plan().sparse_jacobian(&x, &sparse).ask_tell()?)?
                .values(),
            central.sparse_jacobian(banded, &x, &sparse)?.values(),
        );
        Ok::<_, Error>(())
    })?;
    assert_eq!(x, kept);
    Ok(())
}

pub fn borrowed_communicator() -> Outcome {
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

/// f can't be evaluated beyond a wall: Adaptive looks on the other side.
pub fn adaptive_goes_around() -> Outcome {
    let mpi = Mpi::new()?;
    let x = x(3);
    let wall = x[1];
    let failing = move |x: &Array1<f64>| {
        if x[1] > wall {
            Err("beyond")
        } else {
            Ok(x[0] * x[1].exp() + x[2])
        }
    };
    mpi.run(scalar(failing), |ranks| {
        let found = ranks.solve(Adaptive::new().plan().gradient(&x).ask_tell()?)?;
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

/// Outputs beyond what MPI sends without an answer, and an x of several megabytes.
pub fn large_outputs() -> Outcome {
    let mpi = Mpi::new()?;
    let wide = |x: &Array1<f64>| Array1::from_shape_fn(200_000, |k| x[k % 3] * k as f64);
    let x = x(3);
    mpi.run(vector(wide), |ranks| {
        same(&ranks.jacobian(&x)?, &numdiff_core::jacobian(wide, &x)?);
        Ok::<_, Error>(())
    })?;
    let long = self::x(500_000);
    let first = |x: &Array1<f64>| x[0] * x[499_999];
    mpi.run(scalar(first), |ranks| {
        let mut v = Array1::zeros(long.len());
        (v[0], v[499_999]) = (1.0, -2.0);
        let central = FiniteDifference::central();
        let ours = ranks.solve(central.plan().directional(&long, &v).ask_tell()?)?;
        assert_eq!(
            ours.to_bits(),
            central.directional(first, &long, &v)?.to_bits()
        );
        Ok::<_, Error>(())
    })?;
    Ok(())
}
