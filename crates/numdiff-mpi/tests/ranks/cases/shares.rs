//! Who is given how much.

use super::{Outcome, f, same, x};
use ndarray::Array1;
use numdiff_mpi::{Error, Mpi, scalar};
use std::time::Duration;

pub fn idle_leader() -> Outcome {
    let mpi = Mpi::new()?.with_evaluating_leader(false);
    let (x, rank) = (x(9), mpi.rank());
    let elsewhere = move |x: &Array1<f64>| {
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
pub fn slow_rank_gets_less() -> Outcome {
    let mpi = Mpi::new()?;
    let (x, rank) = (x(40), mpi.rank());
    let uneven = move |x: &Array1<f64>| {
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

pub fn cheap_jobs_travel_together() -> Outcome {
    let mpi = Mpi::new()?;
    let x = x(2000);
    let sum = |x: &Array1<f64>| x[0] + x[1999];
    mpi.run(scalar(sum), |ranks| {
        same(&ranks.gradient(&x)?, &numdiff_core::gradient(sum, &x)?);
        let report = ranks.report();
        assert_eq!(report.evaluations, 4000);
        assert!(report.batches < 2000, "{report:?}");
        Ok::<_, Error>(())
    })?;
    Ok(())
}
