//! The MPI section of docs/benchmarks.md: `cargo bench` in this directory.
//!
//! Starts itself under `mpirun` for 1, 2, 4 and 8 ranks and prints tables in Markdown. Serial and
//! parallel runs alternate, three of each; a speed-up is the ratio of their medians.

use mpi::collective::SystemOperation;
use mpi::topology::SimpleCommunicator;
use mpi::traits::*;
use ndarray::Array1;
use numdiff_core::FiniteDifference;
use numdiff_mpi::{Error, Mpi, scalar};
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

/// Names what a rank measures.
const PART: &str = "NUMDIFF_MPI_PART";

/// Steps of the computation that take a millisecond.
const STEPS: &str = "NUMDIFF_MPI_STEPS";

/// Coordinates where evaluations are long: 2 x 64 evaluations.
const FEW: usize = 64;

/// Coordinates where they are short: 2 x 512 evaluations, in four rounds.
const MANY: usize = 512;

fn main() {
    match std::env::var(PART).as_deref() {
        Ok("scaling") => scaling().expect("measured"),
        Ok("overhead") => overhead().expect("measured"),
        _ => start(),
    }
}

fn start() {
    let cores = std::thread::available_parallelism().map_or(0, |n| n.get());
    let steps = steps_per_millisecond();
    println!("{cores} cores.\n");
    println!(
        "| ranks | sleep 2 or 20 ms | equal blocks by hand | compute 10 ms | compute 1 ms | compute 0.1 ms |"
    );
    println!("|---|---|---|---|---|---|");
    for ranks in [1, 2, 4, 8] {
        mpirun(
            steps,
            ranks,
            "scaling",
            &[std::env::current_exe().expect("a path").into()],
        );
    }
    println!("\n| one rank works, rank 0 leads | per job | batches |\n|---|---|---|");
    mpirun(
        steps,
        2,
        "overhead",
        &[std::env::current_exe().expect("a path").into()],
    );
    let peer = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/mpi4py_pool.py");
    mpirun(steps, 2, "peer", &["/usr/bin/python3".into(), peer.into()]);
}

fn mpirun(steps: u64, ranks: usize, part: &str, program: &[std::ffi::OsString]) {
    let status = Command::new("mpirun")
        .args(["--oversubscribe", "-n", &ranks.to_string()])
        .args(program)
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
        .env(PART, part)
        .env(STEPS, steps.to_string())
        .status()
        .expect("mpirun is installed");
    if !status.success() {
        println!("({part} could not be measured: {status})");
    }
}

/// The coordinate that differs decides how long f sleeps: 2 ms, or 20 ms on two stretches of eight
/// coordinates, as where a simulation meets a front.
fn uneven(x: &Array1<f64>) -> f64 {
    let moved = (0..x.len()).find(|&i| x[i] != start_at(i)).unwrap_or(0);
    let long = moved / 8 == 2 || moved / 8 == 5;
    std::thread::sleep(Duration::from_millis(if long { 20 } else { 2 }));
    x.sum()
}

fn start_at(i: usize) -> f64 {
    0.3 + 0.17 * i as f64
}

fn point(n: usize) -> Array1<f64> {
    Array1::from_shape_fn(n, start_at)
}

/// Steps of a linear congruential generator: nothing that memory or other ranks slow down.
fn compute(steps: u64) -> impl Fn(&Array1<f64>) -> f64 + Send + Sync + Clone + 'static {
    move |x| {
        let mut state = x[0].to_bits();
        for _ in 0..steps {
            state = black_box(state.wrapping_mul(6364136223846793005).wrapping_add(1));
        }
        x.sum() + (state >> 63) as f64 * 1e-300
    }
}

/// What the first process measured, for all.
fn steps() -> u64 {
    let steps = std::env::var(STEPS).expect("set by the first process");
    steps.parse().expect("a number")
}

/// Steps that take one millisecond here.
fn steps_per_millisecond() -> u64 {
    let steps = 2_000_000;
    let time = median(|| {
        let f = compute(steps);
        let start = Instant::now();
        black_box(f(&point(1)));
        start.elapsed().as_secs_f64()
    });
    (steps as f64 * 1e-3 / time) as u64
}

fn median(mut measure: impl FnMut() -> f64) -> f64 {
    let mut found = [measure(), measure(), measure()];
    found.sort_by(f64::total_cmp);
    found[1]
}

fn seconds<V>(run: impl FnOnce() -> V) -> f64 {
    let start = Instant::now();
    black_box(run());
    start.elapsed().as_secs_f64()
}

/// Alternates what it compares, so that a machine that is busy elsewhere slows both alike.
fn pair(mut serial: impl FnMut() -> f64, mut parallel: impl FnMut() -> f64) -> String {
    let mut found = [[0.0; 3]; 2];
    for k in 0..3 {
        (found[0][k], found[1][k]) = (serial(), parallel());
    }
    found
        .iter_mut()
        .for_each(|times| times.sort_by(f64::total_cmp));
    let (serial, parallel) = (found[0][1], found[1][1]);
    format!("{:.2}x of {serial:.2} s", serial / parallel)
}

fn scaling() -> Result<(), Error> {
    let mpi = Mpi::new()?;
    let mut row = vec![mpi.size().to_string()];
    row.push(compare(&mpi, FEW, uneven)?);
    let (alone, world) = (SimpleCommunicator::self_comm(), SimpleCommunicator::world());
    row.push(pair(|| blocks(&alone), || blocks(&world)));
    let steps = steps();
    row.push(compare(&mpi, FEW, compute(10 * steps))?);
    row.push(compare(&mpi, MANY, compute(steps))?);
    row.push(compare(&mpi, MANY, compute(steps / 10))?);
    if mpi.is_leader() {
        println!("| {} |", row.join(" | "));
    }
    Ok(())
}

/// The speed-up of a gradient; the other ranks sleep while rank 0 is serial.
fn compare<F>(mpi: &Mpi, n: usize, f: F) -> Result<String, Error>
where
    F: Fn(&Array1<f64>) -> f64 + Send + Sync + Clone + 'static,
{
    let x = point(n);
    let found = mpi.run(scalar(f.clone()), |ranks| {
        Ok::<_, Error>(pair(
            || seconds(|| numdiff_core::gradient(&f, &x)),
            || seconds(|| ranks.gradient(&x)),
        ))
    })?;
    Ok(found.unwrap_or_default())
}

/// What is usually written by hand: each rank takes an equal block of coordinates.
fn blocks(comm: &SimpleCommunicator) -> f64 {
    let (rank, size) = (comm.rank() as usize, comm.size() as usize);
    let mut x = point(FEW);
    comm.barrier();
    seconds(|| {
        let mut own = vec![0.0; FEW];
        for i in rank * FEW / size..(rank + 1) * FEW / size {
            let (at, h) = (x[i], 1e-5);
            x[i] = at + h;
            let up = uneven(&x);
            x[i] = at - h;
            own[i] = (up - uneven(&x)) / (2.0 * h);
            x[i] = at;
        }
        let mut g = vec![0.0; FEW];
        comm.all_reduce_into(&own[..], &mut g[..], SystemOperation::sum());
        g
    })
}

/// Time that is not spent in f, with one rank that works.
fn overhead() -> Result<(), Error> {
    let mpi = Mpi::new()?.with_evaluating_leader(false);
    let steps = steps();
    let x = point(4096);
    let nothing = compute(0);
    for (name, f, n) in [
        ("f of 5 ms", compute(5 * steps), 64),
        ("f of 1 ms", compute(steps), 512),
        ("f of 0.1 ms", compute(steps / 10), 512),
        ("f of 0.01 ms", compute(steps / 100), 4096),
        ("f of nothing", nothing, 64),
    ] {
        mpi.run(scalar(f), |ranks| {
            let x = Array1::from(x.to_vec()[..n].to_vec());
            let mut batches = 0;
            let overhead = median(|| {
                let central = FiniteDifference::central();
                let wall = seconds(|| ranks.solve(central.plan().gradient(&x).ask_tell()?));
                let report = ranks.report();
                batches = report.batches;
                let inside: f64 = report.ranks.iter().map(|rank| rank.seconds).sum();
                (wall - inside) / report.evaluations as f64
            });
            println!(
                "| {name}, {} jobs | {:.1} us | {batches} |",
                2 * n,
                1e6 * overhead
            );
            Ok::<_, Error>(())
        })?;
    }
    Ok(())
}
