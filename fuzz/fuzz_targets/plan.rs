//! Plans told in any order, twice, with wrong ids, with failures, saved and read in between: never a
//! panic, always an end, and the serial result where nothing failed.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use ndarray::Array1;
use numdiff_core::{Adaptive, AskTell, FiniteDifference};

#[derive(Arbitrary, Debug)]
enum Move {
    Tell(u8),
    Fail(u8),
    Wrong(u64, Vec<f64>),
    Save,
}

#[derive(Arbitrary, Debug)]
struct Input {
    adaptive: bool,
    hessian: bool,
    x: Vec<i8>,
    moves: Vec<Move>,
    damage: (u16, u8),
}

macro_rules! play {
    ($plan:expr, $serial:expr, $input:expr, $f:expr) => {{
        let mut plan = $plan;
        let mut failed = false;
        let mut moves = $input.moves.iter();
        let mut rounds = 0;
        let answer = loop {
            rounds += 1;
            assert!(rounds < 10_000, "a plan without end");
            let jobs = match plan.ask() {
                Ok(jobs) => jobs,
                Err(error) => break Err(error),
            };
            if jobs.is_empty() {
                break plan.finish();
            }
            let value = |job: &numdiff_core::Job| {
                let mut x = plan.x().to_vec();
                job.moves.apply(&mut x);
                $f(&x)
            };
            match moves.next() {
                Some(Move::Tell(k)) => {
                    let job = &jobs[usize::from(*k) % jobs.len()];
                    let v = value(job);
                    plan.tell(job.id, [v]).unwrap();
                    assert!(plan.tell(job.id, [v]).is_err(), "told twice");
                }
                Some(Move::Fail(k)) => {
                    failed = true;
                    plan.tell_failed(jobs[usize::from(*k) % jobs.len()].id)
                        .unwrap();
                }
                Some(Move::Wrong(id, values)) => {
                    if !jobs.iter().any(|job| job.id == *id) {
                        assert!(plan.tell(*id, values).is_err());
                    }
                }
                Some(Move::Save) => {
                    let bytes = plan.to_bytes();
                    plan = AskTell::from_bytes(&bytes).unwrap();
                    // One byte changed, or some missing: an error.
                    let (place, byte) = $input.damage;
                    let place = usize::from(place) % bytes.len();
                    assert!(read_as!(plan, &bytes[..place]).is_err(), "cut");
                    let mut changed = bytes;
                    changed[place] ^= byte.max(1);
                    assert!(read_as!(plan, &changed).is_err(), "changed");
                }
                None => {
                    let values: Vec<_> =
                        jobs.iter().rev().map(|job| (job.id, value(job))).collect();
                    for (id, v) in values {
                        plan.tell(id, [v]).unwrap();
                    }
                }
            }
        };
        if !failed {
            assert_eq!(format!("{answer:?}"), format!("{:?}", $serial));
        }
    }};
}

/// What a reader of plans like this one makes of these bytes.
macro_rules! read_as {
    ($plan:expr, $bytes:expr) => {{
        let mut read = Ok($plan.clone());
        if read.is_ok() {
            read = AskTell::from_bytes($bytes);
        }
        read
    }};
}

fn f(x: &[f64]) -> f64 {
    x.iter()
        .enumerate()
        .map(|(i, v)| (v / (1.0 + i as f64)).sin())
        .product()
}

fuzz_target!(|input: Input| {
    let x: Array1<f64> = input
        .x
        .iter()
        .take(4)
        .map(|&v| f64::from(v) / 4.0)
        .collect();
    if x.is_empty() {
        return;
    }
    let serial = |x: &ndarray::Array1<f64>| f(x.as_slice().unwrap());
    let (fixed, adaptive) = (FiniteDifference::central(), Adaptive::new());
    match (input.adaptive, input.hessian) {
        (false, false) => play!(
            fixed.plan().gradient(&x).ask_tell().unwrap(),
            fixed.gradient(serial, &x),
            input,
            f
        ),
        (false, true) => play!(
            fixed.plan().hessian(&x).ask_tell().unwrap(),
            fixed.hessian(serial, &x),
            input,
            f
        ),
        (true, false) => play!(
            adaptive.plan().gradient(&x).ask_tell().unwrap(),
            adaptive.gradient(serial, &x),
            input,
            f
        ),
        (true, true) => play!(
            adaptive.plan().hessian(&x).ask_tell().unwrap(),
            adaptive.hessian(serial, &x),
            input,
            f
        ),
    }
});
