//! Ranks that never answer.

use super::{Outcome, f, same, x};
use ndarray::Array1;
use numdiff_mpi::{Error, Mpi, scalar};
use std::process::Command;
use std::time::Duration;

/// f never returns on the last rank.
pub fn endless_evaluation(allowed: usize) -> Outcome {
    let mpi = Mpi::new()?
        .with_evaluation_limit(Duration::from_millis(500))
        .with_lost_ranks(allowed);
    let (x, rank, last) = (x(9), mpi.rank(), mpi.size() - 1);
    let endless = move |x: &Array1<f64>| {
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
pub fn stopped_rank(allowed: usize) -> Outcome {
    let mpi = Mpi::new()?
        .with_timeout(Duration::from_secs(2))
        .with_lost_ranks(allowed);
    let (x, rank) = (x(9), mpi.rank());
    let stopped = move |x: &Array1<f64>| {
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

pub fn killed() -> f64 {
    signal("KILL");
    unreachable!("killed")
}

pub fn rank_ends(end: fn() -> f64) -> Outcome {
    let mpi = Mpi::new()?.with_timeout(Duration::from_secs(2));
    let (x, rank) = (x(9), mpi.rank());
    let ends = move |x: &Array1<f64>| {
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
