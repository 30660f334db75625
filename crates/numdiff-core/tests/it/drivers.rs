//! Every operator through every driver: the same bits and the same count of evaluations.

use ndarray::{Array1, Array2, ArrayBase, Axis, Data, Ix1, array};
use numdiff_core::{
    Adaptive, AskTell, Bound, Error, Estimate, FiniteDifference, Job, SparseHessian,
    SparseJacobian, SparseMatrix, SparsityPattern,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const N: usize = 5;

/// Evaluations since the last look, and whether each takes its time; tests take turns.
static COUNT: AtomicUsize = AtomicUsize::new(0);
static SLOW: AtomicBool = AtomicBool::new(false);
static TURN: Mutex<()> = Mutex::new(());

fn count() {
    COUNT.fetch_add(1, Ordering::Relaxed);
    if SLOW.load(Ordering::Relaxed) {
        // Long enough for the evaluations to be shared among threads.
        std::thread::sleep(std::time::Duration::from_micros(150));
    }
}

fn scalar<S: Data<Elem = f64>>(x: &ArrayBase<S, Ix1>) -> f64 {
    count();
    (x[0] * x[1]).exp() + x[2].sin() * x[3] - x[4].powi(3) / (2.0 + x[0])
}

fn vector<S: Data<Elem = f64>>(x: &ArrayBase<S, Ix1>) -> Array1<f64> {
    count();
    let n = x.len();
    Array1::from_shape_fn(n, |i| {
        (x[i] * x[(i + 1) % n]).sin() * 10f64.powi(3 * i as i32) - x[(i + 2) % n]
    })
}

fn scalars(points: &Array2<f64>) -> Array1<f64> {
    points.map_axis(Axis(1), |x| scalar(&x))
}

fn vectors(points: &Array2<f64>) -> Array2<f64> {
    let mut all = Array2::zeros(points.raw_dim());
    for (mut out, x) in all.outer_iter_mut().zip(points.outer_iter()) {
        out.assign(&vector(&x));
    }
    all
}

/// Which outputs of `vector` depend on what.
fn dependence() -> SparsityPattern {
    SparsityPattern::from_rows(N, N, |i| [i, (i + 1) % N, (i + 2) % N]).unwrap()
}

fn point() -> Array1<f64> {
    array![0.7, -1.3, 0.25, 1.9, -0.4]
}

/// A fixed permutation of the jobs, another in each round.
fn shuffle(jobs: &mut [Job], state: &mut u64) {
    for k in (1..jobs.len()).rev() {
        // Steele, Lea and Flood's SplitMix64.
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        jobs.swap(k, (z ^ (z >> 31)) as usize % (k + 1));
    }
}

/// What is compared: values, and where a method has them errors, steps, status and count.
trait Bits {
    fn bits(&self) -> Vec<u64>;
}
impl Bits for f64 {
    fn bits(&self) -> Vec<u64> {
        vec![self.to_bits()]
    }
}
impl<D: ndarray::Dimension> Bits for ndarray::Array<f64, D> {
    fn bits(&self) -> Vec<u64> {
        self.iter().map(|v| v.to_bits()).collect()
    }
}
impl Bits for SparseMatrix {
    fn bits(&self) -> Vec<u64> {
        self.values().iter().map(|v| v.to_bits()).collect()
    }
}
impl<V: Bits> Bits for Estimate<V> {
    fn bits(&self) -> Vec<u64> {
        let mut bits = self.value.bits();
        bits.extend(self.error.bits());
        bits.extend(self.step.bits());
        bits.push(self.evaluations as u64);
        bits.extend(format!("{:?}", self.status).bytes().map(u64::from));
        bits
    }
}

/// Tells a plan its jobs in shuffled order; saved and resumed after each when `save`.
macro_rules! tell_all {
    ($plan:ident, $f:ident, $save:expr) => {{
        let mut state = 7;
        loop {
            let mut jobs = $plan.ask().unwrap();
            if jobs.is_empty() {
                break;
            }
            shuffle(&mut jobs, &mut state);
            for job in jobs {
                let mut at = $plan.x().to_vec();
                job.moves.apply(&mut at);
                $plan.tell(job.id, Told($f(&Array1::from(at)))).unwrap();
                if $save {
                    $plan = AskTell::from_bytes(&$plan.to_bytes()).unwrap();
                }
            }
        }
        $plan.finish().unwrap().bits()
    }};
}

macro_rules! compare {
    ($method:expr, $operator:ident, $f:ident, $batch:ident $(, $extra:expr)*) => {{
        let (method, x) = ($method, point());
        let name = stringify!($operator);
        COUNT.store(0, Ordering::Relaxed);
        let serial = method.$operator($f, &x $(, $extra)*).unwrap().bits();
        let expected = COUNT.swap(0, Ordering::Relaxed);
        for threads in [1, 2, 7] {
            for slow in [false, true] {
                SLOW.store(slow, Ordering::Relaxed);
                let run = method.plan().$operator(&x $(, $extra)*).with_threads(threads);
                let shared = run.parallel($f);
                SLOW.store(false, Ordering::Relaxed);
                assert_eq!(shared.unwrap().bits(), serial, "{name}, {threads} threads, slow: {slow}");
                assert_eq!(COUNT.swap(0, Ordering::Relaxed), expected, "{name}, {threads} threads");
            }
        }
        assert_eq!(method.plan().$operator(&x $(, $extra)*).batched($batch).unwrap().bits(), serial, "{name}, batch");
        assert_eq!(COUNT.swap(0, Ordering::Relaxed), expected, "{name}, batch");
        for save in [false, true] {
            let mut plan = method.plan().$operator(&x $(, $extra)*).ask_tell().unwrap();
            assert_eq!(tell_all!(plan, $f, save), serial, "{name}, ask/tell, saved: {save}");
            assert_eq!(COUNT.swap(0, Ordering::Relaxed), expected, "{name}, ask/tell");
        }
    }};
}

/// Outputs of a scalar or vector function for `tell`.
struct Told<V>(V);
impl AsRef<[f64]> for Told<f64> {
    fn as_ref(&self) -> &[f64] {
        std::slice::from_ref(&self.0)
    }
}
impl AsRef<[f64]> for Told<Array1<f64>> {
    fn as_ref(&self) -> &[f64] {
        self.0.as_slice().unwrap()
    }
}

/// Written out for two method types; each method value runs the same code.
macro_rules! every_operator {
    ($name:ident, $method:ty) => {
        fn $name(method: &$method) {
            let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let (v, u) = (
                array![0.5, -2.0, 0.0, 3.0, 1e-3],
                array![1.0, -1.0, 2.0, 0.5, 1e-3],
            );
            compare!(method, gradient, scalar, scalars);
            compare!(method, jacobian, vector, vectors);
            let structure = SparseJacobian::new(dependence());
            compare!(method, sparse_jacobian, vector, vectors, &structure);
            for structure in [
                SparseHessian::new(dependence().symmetrized().unwrap()).unwrap(),
                SparseHessian::by_substitution(dependence().symmetrized().unwrap()).unwrap(),
            ] {
                compare!(method, sparse_hessian, scalar, scalars, &structure);
                compare!(
                    method,
                    sparse_hessian_from_gradient,
                    vector,
                    vectors,
                    &structure
                );
            }
            compare!(method, hessian, scalar, scalars);
            compare!(method, hessian_from_gradient, vector, vectors);
            compare!(method, hessian_diagonal, scalar, scalars);
            compare!(method, laplacian, scalar, scalars);
            compare!(method, mixed_partial, scalar, scalars, &[0, 1]);
            compare!(method, directional, scalar, scalars, &v);
            compare!(method, jacobian_vector, vector, vectors, &v);
            compare!(method, vector_jacobian, vector, vectors, &u);
            compare!(method, hessian_vector, scalar, scalars, &v);
            compare!(method, hessian_vector_from_gradient, vector, vectors, &v);
        }
    };
}

every_operator!(every_operator_fixed, FiniteDifference);
every_operator!(every_operator_adaptive, Adaptive);

#[test]
fn fixed_methods() {
    every_operator_fixed(&FiniteDifference::central());
    every_operator_fixed(&FiniteDifference::forward());
    every_operator_fixed(&FiniteDifference::backward().with_accuracy(3));
}

#[test]
fn fixed_methods_at_bounds() {
    let x = point();
    let mut lower = &x - 1.0;
    lower[0] = x[0];
    let (lower, upper): (Bound, Bound) = (lower.into(), (&x + 0.5).into());
    every_operator_fixed(
        &FiniteDifference::central()
            .with_accuracy(4)
            .with_bounds(lower, upper),
    );
}

#[test]
fn adaptive() {
    every_operator_adaptive(&Adaptive::new());
    every_operator_adaptive(&Adaptive::new().with_tolerance(1e-7));
}

#[test]
fn a_failed_job_is_asked_again_then_avoided_or_an_error() {
    let x = point();
    let mut plan = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .ask_tell()
        .unwrap();
    let first = plan.ask().unwrap()[0].clone();
    plan.tell_failed(first.id).unwrap();
    assert!(matches!(
        plan.tell_failed(first.id),
        Err(Error::ToldTwice { .. })
    ));
    assert!(matches!(
        plan.tell(u64::MAX, [0.0]),
        Err(Error::UnknownJob { .. })
    ));
    assert!(matches!(plan.finish(), Err(Error::Unfinished { open }) if open == 2 * N - 1));
    let mut failures = 1;
    let error = loop {
        match plan.ask() {
            Err(error) => break error,
            Ok(jobs) => {
                for job in jobs {
                    if job.moves == first.moves {
                        plan.tell_failed(job.id).unwrap();
                        failures += 1;
                    } else {
                        let mut at = plan.x().to_vec();
                        job.moves.apply(&mut at);
                        plan.tell(job.id, [scalar(&Array1::from(at))]).unwrap();
                    }
                }
            }
        }
    };
    assert!(
        matches!(
            error,
            Error::EvaluationFailed {
                attempts: 3,
                coordinate: 0,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(failures, 3);
    // A method that can do without goes around.
    let mut plan = Adaptive::new().plan().gradient(&x).ask_tell().unwrap();
    loop {
        let jobs = plan.ask().unwrap();
        if jobs.is_empty() {
            break;
        }
        for job in jobs {
            let mut at = plan.x().to_vec();
            job.moves.apply(&mut at);
            if at[0] > x[0] + 0.01 {
                plan.tell_failed(job.id).unwrap();
            } else {
                plan.tell(job.id, [scalar(&Array1::from(at))]).unwrap();
            }
        }
    }
    let g = plan.finish().unwrap();
    let exact = x[1] * (x[0] * x[1]).exp() + x[4].powi(3) / (2.0 + x[0]).powi(2);
    assert!(
        (g.value[0] - exact).abs() <= g.error[0] && g.error[0] < 1e-6,
        "{g:?}"
    );
}

#[test]
fn a_panic_in_a_worker_passes_through_and_nothing_is_poisoned() {
    let mut x = Array1::linspace(0.1, 1.0, 64);
    x[40] = 0.6715;
    let kept = x.clone();
    let slow = |fail: bool| {
        move |x: &Array1<f64>| {
            std::thread::sleep(std::time::Duration::from_micros(50));
            assert!(!(fail && x[40] > 0.6715), "on purpose");
            x.sum()
        }
    };
    let panicked = std::panic::catch_unwind(|| {
        FiniteDifference::central()
            .plan()
            .gradient(&x)
            .with_threads(3)
            .parallel(slow(true))
    });
    assert!(panicked.is_err());
    assert_eq!(x, kept);
    assert!(
        FiniteDifference::central()
            .plan()
            .gradient(&x)
            .with_threads(3)
            .parallel(slow(false))
            .is_ok()
    );
    let failed = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .with_threads(3)
        .parallel(|x| {
            if x[40] > x[39] + 0.1 {
                Err("no")
            } else {
                Ok(x[0])
            }
        });
    assert!(failed.is_ok());
    let failed = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .with_threads(3)
        .parallel(|x| if x[7] != kept[7] { Err("no") } else { Ok(x[0]) });
    assert!(
        matches!(failed, Err(Error::Function { coordinate: 7, .. })),
        "{failed:?}"
    );
}

#[test]
fn a_look_that_waits_for_a_value_is_no_look_that_failed() {
    // Where the first levels vanish one more pair decides, and its values come one by one.
    for (power, budget) in (2..6).flat_map(|power| (5..60).map(move |budget| (power, budget))) {
        for scale in [1.0, 1e200, -6e205] {
            let f = |x: f64| scale * x.powi(power);
            let method = Adaptive::new().with_max_evaluations(budget);
            let (mut alone, mut together) = (Vec::new(), Vec::new());
            let serial = method.plan().nth_derivative(&0.0, 1).serial(|x| {
                alone.push(x);
                f(x)
            });
            let batched = method
                .plan()
                .nth_derivative(&0.0, 1)
                .batched(|points: &Array2<f64>| {
                    together.extend(points.iter().copied());
                    points.column(0).mapv(f)
                });
            assert_eq!(format!("{serial:?}"), format!("{batched:?}"));
            alone.sort_by(f64::total_cmp);
            together.sort_by(f64::total_cmp);
            assert_eq!(alone, together, "{scale} x^{power}, at most {budget}");
        }
    }
}

/// A coordinate that can't move asks for nothing: the first evaluation belongs to a later line, or is f(x).
#[test]
fn a_first_coordinate_that_is_fixed_costs_no_evaluation_more() {
    let x = array![0.3, 0.7, 1.1];
    let (lower, upper) = (array![0.3, 0.7, -9.0], array![0.3, 9.0, 9.0]);
    let count = AtomicUsize::new(0);
    let slow = AtomicBool::new(false);
    let f = |x: &Array1<f64>| {
        count.fetch_add(1, Ordering::Relaxed);
        if slow.load(Ordering::Relaxed) {
            std::thread::sleep(std::time::Duration::from_micros(30));
        }
        (x[0] * x[1]).sin() + x[2].exp()
    };
    let values = [f(&x)];
    macro_rules! same {
        ($method:expr, $operator:ident, $given:expr) => {{
            let method = $method.with_bounds(&lower, &upper);
            count.store(0, Ordering::Relaxed);
            let serial = method.plan().$operator(&x).given($given).serial(f).unwrap();
            let expected = count.swap(0, Ordering::Relaxed);
            for threads in [1, 2, 7] {
                for wait in [false, true] {
                    slow.store(wait, Ordering::Relaxed);
                    let run = method.plan().$operator(&x).given($given);
                    let shared = run.with_threads(threads).parallel(f).unwrap();
                    slow.store(false, Ordering::Relaxed);
                    assert_eq!(shared, serial);
                    let found = count.swap(0, Ordering::Relaxed);
                    assert_eq!(found, expected, "{threads} threads, waits: {wait}");
                }
            }
        }};
    }
    same!(FiniteDifference::central(), gradient, &[]);
    same!(FiniteDifference::central(), gradient, &values);
    same!(FiniteDifference::forward(), gradient, &[]);
    same!(FiniteDifference::central(), hessian, &[]);
    same!(FiniteDifference::central(), hessian, &values);
    same!(Adaptive::new(), gradient, &[]);
    same!(Adaptive::new(), gradient, &values);
    same!(Adaptive::new(), hessian, &[]);
    same!(Adaptive::new(), hessian, &values);
}

/// An entry beside the diagonal rests on two entries of the diagonal as well.
#[test]
fn the_step_of_a_hessian_is_the_largest_that_an_entry_rests_on() {
    let f = |x: &Array1<f64>| (x[0] * x[1]).sin() + x[1].powi(3) + 1e3 * x[2] * x[2];
    let h = Adaptive::new().hessian(f, &array![0.3, 2.0, 40.0]).unwrap();
    for ((i, j), step) in h.step.indexed_iter() {
        assert!(*step >= h.step[(i, i)].max(h.step[(j, j)]), "{i} {j}");
    }
}

/// Columns that can't move ask for nothing, whichever of a group they are: every driver evaluates the same.
#[test]
fn fixed_columns_of_a_sparse_jacobian_cost_the_same_by_every_driver() {
    let n = 6;
    let x = Array1::linspace(0.3, 1.3, n);
    let structure = SparseJacobian::new(SparsityPattern::banded(n, n, 1, 1).unwrap());
    let count = AtomicUsize::new(0);
    let f = |x: &Array1<f64>| {
        count.fetch_add(1, Ordering::Relaxed);
        let at = |i: usize| x.get(i).copied().unwrap_or(0.0);
        Array1::from_shape_fn(n, |i| at(i.wrapping_sub(1)).sin() + x[i] * at(i + 1))
    };
    macro_rules! same {
        ($method:expr) => {
            for fixed in [
                vec![],
                vec![0],
                vec![1],
                vec![0, 3],
                vec![1, 4],
                vec![0, 1, 2],
                (0..n).collect(),
            ] {
                let side = |free: f64| {
                    Array1::from_shape_fn(n, |i| if fixed.contains(&i) { x[i] } else { free })
                };
                let method = $method.with_bounds(side(-9.0), side(9.0));
                count.store(0, Ordering::Relaxed);
                let serial = method.sparse_jacobian(f, &x, &structure).unwrap().bits();
                let expected = count.swap(0, Ordering::Relaxed);
                let mut plan = method
                    .plan()
                    .sparse_jacobian(&x, &structure)
                    .ask_tell()
                    .unwrap();
                assert_eq!(tell_all!(plan, f, false), serial, "{fixed:?}");
                assert_eq!(count.swap(0, Ordering::Relaxed), expected, "{fixed:?}");
                let shared = method
                    .plan()
                    .sparse_jacobian(&x, &structure)
                    .with_threads(3)
                    .parallel(f)
                    .unwrap();
                assert_eq!(shared.bits(), serial, "{fixed:?}");
                assert_eq!(count.swap(0, Ordering::Relaxed), expected, "{fixed:?}");
            }
        };
    }
    same!(FiniteDifference::central());
    same!(FiniteDifference::forward());
    same!(FiniteDifference::central().with_accuracy(4));
    same!(Adaptive::new());
}
