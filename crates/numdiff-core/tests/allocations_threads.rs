//! What a warm call that writes its result allocates on threads: something for each thread and round, nothing for
//! each evaluation. Counted over all threads, so this binary holds a single test.

use ndarray::{Array1, Array2};
use numdiff_core::{Adaptive, Estimate, FiniteDifference, Workspace};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: everything is passed on to the system's allocator; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const THREADS: usize = 3;

/// The least allocations of a warm call: which thread takes how much differs from call to call, and buffers grow to
/// the largest share so far. A call that the machine interrupts makes f look dear, and is shared in another way, whose
/// buffers are cold. What grows with n does so in every call.
fn warm(mut call: impl FnMut()) -> usize {
    for _ in 0..20 {
        call();
    }
    let mut least = usize::MAX;
    for _ in 0..31 {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        call();
        least = least.min(ALLOCATIONS.load(Ordering::Relaxed) - before);
    }
    least
}

fn spin(micros: u64) {
    let start = std::time::Instant::now();
    while start.elapsed() < std::time::Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
}

#[test]
fn allocations_grow_with_threads_and_rounds_alone() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .build()
        .unwrap();
    // A thread's point is two vectors, its outputs and values two more, its task one; a block list or
    // a buffer may grow to a size that it did not have, each by doubling a few times.
    let limit = 16 * THREADS;
    pool.install(|| {
        let cheap = |x: &Array1<f64>| x[0] * x[x.len() - 1];
        let slow = |x: &Array1<f64>| {
            spin(25);
            x[0] * x[1]
        };
        let residuals = |x: &Array1<f64>, y: &mut [f64]| y.copy_from_slice(x.as_slice().unwrap());
        for n in [16, 64, 256, 1024, 4096] {
            let x = Array1::from_shape_fn(n, |i| (i as f64).sin());
            let (mut g, mut w) = (Array1::zeros(n), Workspace::new());
            let count = warm(|| {
                FiniteDifference::central()
                    .plan()
                    .gradient(&x)
                    .write_to(&mut g, &mut w)
                    .parallel(cheap)
                    .unwrap()
            });
            println!("cheap, n = {n}: {count}");
            assert!(count <= limit, "cheap, n = {n}: {count}");
            let mut bars = Estimate::blank(Array1::<f64>::zeros(n));
            if n <= 256 {
                let count = warm(|| {
                    Adaptive::new()
                        .plan()
                        .gradient(&x)
                        .write_to(&mut bars, &mut w)
                        .parallel(cheap)
                        .unwrap()
                });
                println!("adaptive, n = {n}: {count}");
                assert!(count <= limit, "adaptive, n = {n}: {count}");
                let mut j = Array2::zeros((n, n));
                let count = warm(|| {
                    FiniteDifference::central()
                        .plan()
                        .jacobian(&x)
                        .write_to(&mut j, &mut w)
                        .parallel_in_place(residuals)
                        .unwrap()
                });
                println!("Jacobian, n = {n}: {count}");
                assert!(count <= limit, "Jacobian, n = {n}: {count}");
            }
            if n <= 1024 {
                // Every evaluation a job of its own, in rounds of 256 lines.
                let count = warm(|| {
                    FiniteDifference::central()
                        .plan()
                        .gradient(&x)
                        .write_to(&mut g, &mut w)
                        .parallel(slow)
                        .unwrap()
                });
                println!("slow, n = {n}: {count}");
                let rounds = n.div_ceil(256);
                assert!(count <= limit * rounds, "slow, n = {n}: {count}");
            }
        }
    });
}
