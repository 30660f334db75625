//! `simpleNet`: prediction, loss, and the gradient of the loss by the weights.

use crate::softmax_bounds::SECOND;
use crate::tutorial::rows;
use crate::{
    Check, Failure, Finding, Golden, Scenario, SimpleNet, Trials, Values, agrees_with_numpy,
};
use proptest::prelude::*;

pub const SCENARIO: Scenario = Scenario {
    number: 9,
    id: "simple-net",
    title: "The gradient of a network",
    claim: "A network of one layer with printed weights predicts p, class 1 and a loss of 1.3666 \
            against class 2. Its dW says how the loss answers to each weight: if w grows by h, the \
            loss grows by dw · h.",
    formula: "L = −Σ t ln(softmax(xW) + 10⁻⁷),  dWᵢⱼ = ∂L/∂Wᵢⱼ",
    statement: "For random weights, inputs and one-hot or soft targets, the loss after one weight \
                grew by h in (10⁻⁵, 10⁻¹) differs from L + dw h by at most h² x² / 4 and rounding.",
    run,
    property,
};

const W_PRINTED: &str =
    "[[-0.66110535 -2.3121261   0.61870626] [-0.43594672  1.66798289 -1.09922476]]";
const P_PRINTED: &str = "[-0.78901526  0.11390894 -0.61807852]";
const ARGMAX_PRINTED: &str = "1";
const LOSS_PRINTED: &str = "1.366622688011303";
pub const DW_PRINTED: &str =
    "[[ 0.12894287  0.31807705 -0.44701992] [ 0.19341431  0.47711557 -0.67052988]]";
/// How far a printed number can be from the one that was printed: half its last decimal.
const HALF_DIGIT: f64 = 0.5e-8;

fn run() -> Result<Finding, Failure> {
    let golden = Golden::article()?.at("/simplenet")?;
    let mut checks = from_weights(&golden.at("/reconstructed_W")?, "")?;
    let full = golden.at("/reconstructed_W/W")?.numbers()?;
    let printed = golden.at("/article_printed_W/W")?.numbers()?;
    let net = SimpleNet::tutorial(&full)?;
    checks.push(Check::fact(
        "full-precision W",
        rows_of(&net, net.weights()),
        "prints as the tutorial's W",
        agrees_with_numpy(W_PRINTED, &full) && agrees_with_numpy(W_PRINTED, &printed),
    ));
    checks.extend(growth(&net)?);
    let rounded = from_weights(&golden.at("/article_printed_W")?, ", from the printed W")?;
    checks.extend(rounded);
    Ok(Finding {
        checks,
        explanation: vec![
            "The tutorial printed its random weights to eight decimals. From these every decimal \
             of dW follows, but the loss only to about 10⁻⁸, and p's last digit is off by one. \
             The full-precision W used here rounds to the printed one and gives every printed \
             digit; it is a reconstruction, and others would do as well."
                .to_string(),
        ],
        figures: vec![],
    })
}

/// p, class, loss and dW from the weights in `golden`.
fn from_weights(golden: &Golden, suffix: &str) -> Result<Vec<Check>, Failure> {
    let net = SimpleNet::tutorial(&golden.at("/W")?.numbers()?)?;
    let tolerance = |name: &str| golden.at(&format!("/tolerances/{name}"))?.number();
    let what = |name: &str| format!("{name}{suffix}");
    let p = Values::Row(net.predict()?.row(0).to_vec());
    let class = Values::Count(net.classify()?[0]);
    let loss = Values::Number(net.loss()?);
    let dw = rows_of(&net, &net.numerical_gradient()?);
    let exact = suffix.is_empty();

    let mut checks = Vec::new();
    if exact {
        checks.push(Check::digits(what("p"), P_PRINTED, p.clone()));
    } else {
        // Every weight is off by half a digit, and p has been rounded too.
        let rounding = (0.6 + 0.9 + 1.0) * HALF_DIGIT;
        let printed = p.parsed_like(P_PRINTED).flat();
        let reason = "the weights' rounding";
        let check = Check::within(what("p"), &printed, rounding, reason, p.clone());
        checks.push(check.beside(P_PRINTED));
    }
    let holds = class.flat() == class.parsed_like(ARGMAX_PRINTED).flat()
        && class.flat() == golden.at("/argmax")?.numbers()?;
    checks.push(Check::fact(what("argmax p"), class, "equal", holds).beside(ARGMAX_PRINTED));
    if exact {
        checks.push(Check::digits(what("loss"), LOSS_PRINTED, loss.clone()));
    } else {
        // L changes by Σ |dw| times half a digit, and by a second-order term far below it.
        let rounding = dw.flat().iter().map(|g| g.abs()).sum::<f64>() * HALF_DIGIT * (1.0 + 1e-6);
        let printed = loss.parsed_like(LOSS_PRINTED).flat();
        let reason = "the weights' rounding";
        let check = Check::within(what("loss"), &printed, rounding, reason, loss.clone());
        checks.push(check.beside(LOSS_PRINTED));
    }
    checks.push(Check::digits(what("dW"), DW_PRINTED, dw.clone()));
    checks.push(Check::within(
        what("p against NumPy"),
        &golden.at("/p")?.numbers()?,
        tolerance("p_abs")?,
        "order of the sums",
        p,
    ));
    checks.push(Check::within(
        what("loss against NumPy"),
        &golden.at("/loss_numpy")?.numbers()?,
        tolerance("loss_abs")?,
        "an ulp or two",
        loss,
    ));
    checks.push(Check::within(
        what("dW against the exact central difference"),
        &golden.at("/eps1e-7/dW_central_h1e-4_exact")?.numbers()?,
        tolerance("dW_vs_exact_central_abs")?,
        "about five ulp(L)/(2h)",
        dw,
    ));
    Ok(checks)
}

fn rows_of(net: &SimpleNet, matrix: &ndarray::ArrayRef2<f64>) -> Values {
    debug_assert_eq!(net.weights().dim(), matrix.dim());
    Values::Rows(rows(matrix))
}

/// "If w grows by h, the loss grows by dw h", for every weight, against the loss itself.
fn growth(net: &SimpleNet) -> Result<Vec<Check>, Failure> {
    let dw = net.numerical_gradient()?;
    let loss = net.loss()?;
    let h = 0.01;
    let mut grown = dw.clone();
    let mut worst: f64 = 0.0;
    for ((i, j), grown) in grown.indexed_iter_mut() {
        *grown = net.loss_moved((i, j), h)? - loss;
        let bound = growth_bound(net, (i, j), dw[[i, j]], h)?;
        worst = worst.max((*grown - dw[[i, j]] * h).abs() / bound);
    }
    Ok(vec![Check::fact(
        "growth of the loss when one weight grows by 0.01",
        Values::Rows(rows(&grown)),
        format!(
            "0.01 dW, off by up to {:.0} % of the bound h² x² / 4",
            worst * 100.0
        ),
        worst <= 1.0,
    )])
}

/// |L(w + h) − L(w) − dw h| <= h² x² |L″| / 2, rounding of both losses and of w + h, and dw's own
/// error times h.
fn growth_bound(
    net: &SimpleNet,
    at: (usize, usize),
    dw: f64,
    h: f64,
) -> Result<f64, numdiff_nn::Error> {
    let x = net
        .x()
        .column(at.0)
        .iter()
        .fold(0.0, |a: f64, b| a.max(b.abs()));
    let mut rounding = net.rounding()?;
    rounding.logit += h * x;
    rounding.loss += h * x;
    let moved = (dw.abs() + h * x * x) * crate::bounds::ulp(net.weights()[at].abs() + h);
    Ok(h * h * x * x * SECOND / 2.0
        + 2.0 * rounding.value_error()
        + moved
        + h * net.gradient_error(at, dw)?)
}

fn property(trials: Trials) -> Result<(), Failure> {
    trials.hold((SimpleNet::strategy(), -5.0..-1.0_f64), |(net, power)| {
        let h = 10_f64.powf(power);
        let loss = net.loss()?;
        let dw = net.numerical_gradient()?;
        for (at, &dw) in dw.indexed_iter() {
            let growth = net.loss_moved(at, h)? - loss;
            let error = (growth - dw * h).abs();
            let bound = growth_bound(&net, at, dw, h)?;
            prop_assert!(error <= bound, "{at:?}: off by {error:e}, bound {bound:e}");
        }
        Ok(())
    })
}
