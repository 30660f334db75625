//! Evaluations that are made elsewhere: here by threads that answer in the order in which they get
//! done, and one of which fails now and then. The result has the bits of the serial one.
//!
//! `cargo run -p numdiff-core --example ask_tell`

use ndarray::array;
use numdiff_core::{Adaptive, Error};
use std::sync::mpsc;
use std::thread;

fn simulation(x: &[f64]) -> f64 {
    (x[0] * x[1]).exp() / (1.0 + x[2].powi(2))
}

fn main() -> Result<(), Error> {
    let x = array![0.3, -0.7, 2.0];
    let mut plan = Adaptive::new().plan().gradient(&x).ask_tell()?;
    let (mut rounds, mut failures) = (0, 0);
    loop {
        let jobs = plan.ask()?;
        if jobs.is_empty() {
            break;
        }
        rounds += 1;
        let (sender, answers) = mpsc::channel();
        thread::scope(|scope| {
            for job in jobs {
                let (sender, mut point) = (sender.clone(), plan.x().to_vec());
                scope.spawn(move || {
                    job.moves.apply(&mut point);
                    // Every fifth machine is down, when it is asked first.
                    let down = job.id % 5 == 4 && rounds % 2 == 1;
                    let value = (!down).then(|| simulation(&point));
                    sender.send((job.id, value)).expect("somebody listens");
                });
            }
        });
        drop(sender);
        for (id, value) in answers {
            match value {
                Some(value) => plan.tell(id, [value])?,
                None => {
                    failures += 1;
                    plan.tell_failed(id)?;
                }
            }
        }
    }
    let evaluations = plan.evaluations();
    let told = plan.finish()?;
    let serial = Adaptive::new().gradient(|x| simulation(x.as_slice().expect("contiguous")), &x)?;
    println!(
        "{rounds} rounds, {evaluations} evaluations, {failures} of them failed and were made again"
    );
    println!("error bars {:.1e}", told.error);
    println!(
        "difference from the serial result: {:e}",
        &told.value - &serial.value
    );
    assert_eq!(told.value, serial.value);
    Ok(())
}
