//! What a training run looks like: loss, accuracy, predictions, first-layer weights.

use super::Outcome;
use super::image_grid::{ImageGrid, Tile};
use numdiff_nn::Epoch;
use numdiff_tests::figure::{Axis, Figure, Ink, Layer, Mark};
use std::error::Error;

/// Loss and accuracy against epochs; for iris the flowers as well.
pub fn all(outcome: &Outcome) -> Result<Vec<Figure>, Box<dyn Error>> {
    let history = outcome.training.history();
    if history.is_empty() {
        return Ok(Vec::new());
    }
    let mut figures = vec![loss(history), accuracy(history)];
    if outcome.data.picture.is_none() && outcome.data.name == "iris" {
        figures.push(flowers(outcome)?);
    }
    Ok(figures)
}

/// Some held-out pictures with their predictions; the first layer's weights.
pub fn image_grids(outcome: &Outcome) -> Result<Vec<ImageGrid>, Box<dyn Error>> {
    let mut grids = Vec::new();
    if let Some(shape) = outcome.data.picture {
        grids.push(predictions(outcome, shape)?);
    }
    grids.push(weights(outcome)?);
    Ok(grids)
}

/// Ends of epochs, from 1.
fn points(history: &[Epoch], value: impl Fn(&Epoch) -> Option<f64>) -> Vec<[f64; 2]> {
    history
        .iter()
        .filter_map(|epoch| value(epoch).map(|v| [epoch.epoch as f64 + 1.0, v]))
        .collect()
}

fn epochs(history: &[Epoch]) -> Axis {
    let last = history.len().max(2) as f64;
    let step = nice(last / 8.0).max(1.0);
    Axis::linear("epoch", (0.0, last), 0.0, step)
}

/// 1, 2 or 5 times a power of ten, not below `rough`.
fn nice(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|m| m * power)
        .into_iter()
        .find(|&step| step >= rough * 0.999)
        .unwrap_or(10.0 * power)
}

fn line(label: &str, ink: Ink, dashed: bool, points: Vec<[f64; 2]>) -> Layer {
    Layer::Line {
        label: Some(label.into()),
        ink,
        dashed,
        points,
    }
}

fn loss(history: &[Epoch]) -> Figure {
    let log = |v: f64| Some(v.max(f64::MIN_POSITIVE).log10());
    let training = points(history, |e| log(e.loss));
    let held_out = points(history, |e| e.validation_loss.and_then(log));
    let values = || training.iter().chain(&held_out).map(|p| p[1]);
    let (low, high) = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(f64::NEG_INFINITY, f64::max),
    );
    let range = (low.floor(), high.ceil().max(low.floor() + 1.0));
    let last = |points: &[[f64; 2]]| points.last().map_or(f64::NAN, |p| 10f64.powf(p[1]));
    Figure {
        name: "loss",
        title: "Loss",
        description: format!(
            "Loss against epochs on a logarithmic scale: it ends at {:.4} on what is learned from and {:.4} on what is held out.",
            last(&training),
            last(&held_out)
        ),
        x: epochs(history),
        y: Axis::logarithmic("loss", range, range.0, 1.0),
        equal: false,
        layers: vec![
            line("learned from", Ink::First, false, training),
            line("held out", Ink::Second, true, held_out),
        ],
    }
}

fn accuracy(history: &[Epoch]) -> Figure {
    let held_out = points(history, |e| e.accuracy.map(|a| 100.0 * a));
    let low = held_out.iter().map(|p| p[1]).fold(100.0, f64::min);
    let low = (low / 10.0).floor().min(9.0) * 10.0;
    let last = held_out.last().map_or(f64::NAN, |p| p[1]);
    Figure {
        name: "accuracy",
        title: "Accuracy on what was held out",
        description: format!(
            "Accuracy on what was held out against epochs: it ends at {last:.1} %."
        ),
        x: epochs(history),
        y: Axis::linear(
            "% right",
            (low, 100.0),
            low,
            if low < 50.0 { 20.0 } else { 10.0 },
        ),
        equal: false,
        layers: vec![
            Layer::Line {
                label: None,
                ink: Ink::First,
                dashed: false,
                points: held_out.clone(),
            },
            Layer::Dots {
                label: None,
                ink: Ink::First,
                mark: Mark::Disk,
                points: if held_out.len() <= 30 {
                    held_out
                } else {
                    held_out.last().into_iter().copied().collect()
                },
            },
        ],
    }
}

/// Petal length and width of the held-out flowers, as they were predicted.
fn flowers(outcome: &Outcome) -> Result<Figure, Box<dyn Error>> {
    let held_out = &outcome.data.held_out;
    let predicted = outcome.network.classify(held_out.x())?;
    let truth = held_out.targets().classes().unwrap_or_default();
    let at = |wanted: &dyn Fn(usize) -> bool| -> Vec<[f64; 2]> {
        let rows = (0..held_out.len()).filter(|&n| wanted(n));
        rows.map(|n| [held_out.x()[[n, 2]], held_out.x()[[n, 3]]])
            .collect()
    };
    let looks = [
        (Ink::First, Mark::Disk),
        (Ink::Second, Mark::Ring),
        (Ink::Third, Mark::Disk),
    ];
    let mut layers: Vec<Layer> = outcome
        .data
        .classes
        .iter()
        .zip(looks)
        .enumerate()
        .map(|(class, (name, (ink, mark)))| Layer::Dots {
            label: Some(name.clone()),
            ink,
            mark,
            points: at(&|n| predicted[n] == class),
        })
        .collect();
    let wrong = at(&|n| predicted[n] != truth[n]);
    let count = wrong.len();
    layers.push(Layer::Dots {
        label: Some("wrong".into()),
        ink: Ink::Quiet,
        mark: Mark::Cross,
        points: wrong,
    });
    Ok(Figure {
        name: "flowers",
        title: "Held-out flowers as they were predicted",
        description: format!(
            "Petal length against petal width of {} held-out flowers by predicted species; {count} of them wrong.",
            held_out.len()
        ),
        x: Axis::linear("petal length, standardized", (-2.0, 2.0), -2.0, 1.0),
        y: Axis::linear("petal width, standardized", (-2.0, 2.0), -2.0, 1.0),
        equal: true,
        layers,
    })
}

/// Pictures on the sheet of predictions; the wrong ones come first, up to half of them.
const PICTURES: usize = 24;

fn predictions(outcome: &Outcome, shape: (usize, usize)) -> Result<ImageGrid, Box<dyn Error>> {
    let held_out = &outcome.data.held_out;
    let predicted = outcome.network.classify(held_out.x())?;
    let truth = held_out.targets().classes().unwrap_or_default();
    let (wrong, right): (Vec<usize>, Vec<usize>) =
        (0..held_out.len()).partition(|&n| predicted[n] != truth[n]);
    let wrong_shown = wrong.len().min(PICTURES / 2);
    // Spread over the data, so that every class has its chance.
    let stride = (right.len() / (PICTURES - wrong_shown)).max(1);
    let shown = wrong
        .iter()
        .take(wrong_shown)
        .chain(right.iter().step_by(stride))
        .take(PICTURES);
    let tiles = shown.map(|&n| Tile {
        pixels: held_out.x().row(n).to_vec(),
        caption: match predicted[n] == truth[n] {
            true => outcome.data.classes[predicted[n]].clone(),
            false => format!(
                "{} read as {}",
                outcome.data.classes[truth[n]], outcome.data.classes[predicted[n]]
            ),
        },
        marked: predicted[n] != truth[n],
    });
    Ok(ImageGrid {
        name: "predictions",
        title: format!(
            "Held-out images and what the network reads; {} of {} are wrong",
            wrong.len(),
            held_out.len()
        ),
        description: format!(
            "{wrong_shown} held-out images that are read wrong, with what they are and what they are read as, and some that are read right."
        ),
        shape,
        tiles: tiles.collect(),
    })
}

/// Units on the sheet of weights.
const UNITS: usize = 64;

fn weights(outcome: &Outcome) -> Result<ImageGrid, Box<dyn Error>> {
    let weights = outcome
        .network
        .block("W1")?
        .into_dimensionality::<ndarray::Ix2>()?;
    let shape = outcome.data.picture.unwrap_or((1, weights.nrows()));
    let largest = weights
        .fold(0.0f64, |m, w| w.abs().max(m))
        .max(f64::MIN_POSITIVE);
    let shown = weights.ncols().min(UNITS);
    let tiles = (0..shown).map(|unit| Tile {
        pixels: weights.column(unit).iter().map(|w| w / largest).collect(),
        caption: String::new(),
        marked: false,
    });
    let of = if shown < weights.ncols() {
        format!(" of {}", weights.ncols())
    } else {
        String::new()
    };
    Ok(ImageGrid {
        name: "weights",
        title: format!("First-layer weights of {shown}{of} units: blue excites, orange inhibits"),
        description: format!(
            "The weights into each of {shown}{of} hidden units, one picture per unit; the strongest is {largest:.2}."
        ),
        shape,
        tiles: tiles.collect(),
    })
}
