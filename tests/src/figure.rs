//! Figures as data: what is shown, not how it is drawn.

/// A chart: axes and layers, drawn in order.
#[derive(Clone, Debug)]
pub struct Figure {
    /// File name without its ending.
    pub name: &'static str,
    /// One line above the chart.
    pub title: &'static str,
    /// What the chart shows, for a reader who can't see it.
    pub description: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// Whether one unit is as long on both axes.
    pub equal: bool,
    /// What is drawn, first layer lowest.
    pub layers: Vec<Layer>,
}

/// One axis of a chart.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What is measured along it.
    pub label: &'static str,
    /// Its two ends, the first at the left or below; the exponents of ten on a logarithmic axis.
    pub range: (f64, f64),
    /// Positions of the tick marks, in the units of `range`.
    pub ticks: Vec<f64>,
    /// Whether positions are exponents of ten.
    pub logarithmic: bool,
}

impl Axis {
    /// An axis with a tick mark every `step`, from `first` up.
    pub fn linear(label: &'static str, range: (f64, f64), first: f64, step: f64) -> Self {
        Self {
            label,
            range,
            ticks: ticks(range, first, step),
            logarithmic: false,
        }
    }

    /// An axis of powers of ten: `range` and `step` are exponents.
    pub fn logarithmic(label: &'static str, range: (f64, f64), first: f64, step: f64) -> Self {
        Self {
            label,
            range,
            ticks: ticks(range, first, step),
            logarithmic: true,
        }
    }
}

fn ticks((from, to): (f64, f64), first: f64, step: f64) -> Vec<f64> {
    let (low, high) = (from.min(to), from.max(to));
    (0..)
        .map(|i| first + f64::from(i) * step)
        .take_while(|&tick| tick <= high)
        .filter(|&tick| tick >= low)
        .collect()
}

/// A color by its role; the drawing knows light and dark shades of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The main series.
    First,
    /// The series compared with it.
    Second,
    /// A third series.
    Third,
    /// What stands behind: level curves, guides.
    Quiet,
}

/// One thing that is drawn.
#[derive(Clone, Debug)]
pub enum Layer {
    /// Points joined by straight lines.
    Line {
        /// Entry in the legend.
        label: Option<String>,
        /// Color.
        ink: Ink,
        /// Dashed instead of solid.
        dashed: bool,
        /// The points.
        points: Vec<[f64; 2]>,
    },
    /// Separate marks.
    Dots {
        /// Entry in the legend.
        label: Option<String>,
        /// Color.
        ink: Ink,
        /// Shape.
        mark: Mark,
        /// The points.
        points: Vec<[f64; 2]>,
    },
    /// Arrows, each from its tail to its head.
    Arrows {
        /// Entry in the legend.
        label: Option<String>,
        /// Color.
        ink: Ink,
        /// Tail and head.
        arrows: Vec<([f64; 2], [f64; 2])>,
    },
    /// A vertical band with its name at the top.
    Band {
        /// Name.
        label: String,
        /// From and to along the horizontal axis.
        range: (f64, f64),
        /// Whether it is shaded.
        shaded: bool,
    },
    /// A few words at a point.
    Note {
        /// The words.
        text: String,
        /// Where they begin.
        at: [f64; 2],
    },
}

/// Shape of a separate mark, so that no series is told by its color alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A filled circle.
    Disk,
    /// An open circle.
    Ring,
    /// A cross.
    Cross,
}

/// The circle of the given radius around the origin.
pub fn circle(radius: f64) -> Vec<[f64; 2]> {
    ellipse(radius, radius)
}

/// The ellipse with these half axes around the origin.
pub fn ellipse(a: f64, b: f64) -> Vec<[f64; 2]> {
    (0..=360)
        .map(|i| f64::from(i) * std::f64::consts::TAU / 360.0)
        .map(|angle| [a * angle.cos(), b * angle.sin()])
        .collect()
}
