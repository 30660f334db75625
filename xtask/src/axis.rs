//! An axis for plotters: the figure decides where its tick marks stand and how they read.

use numdiff_tests::figure::Axis;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// One axis of a figure.
#[derive(Clone)]
pub struct DrawnAxis(pub Axis);

impl Ranged for DrawnAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let (from, to) = self.0.range;
        let share = ((value - from) / (to - from)).clamp(-1.0, 2.0);
        start + (f64::from(end - start) * share).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.0.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.0.range.0..self.0.range.1
    }
}

impl ValueFormatter<f64> for DrawnAxis {
    fn format_ext(&self, &tick: &f64) -> String {
        if self.0.logarithmic {
            power_of_ten(tick)
        } else {
            format!("{}", (tick * 1e6).round() / 1e6).replace('-', "−")
        }
    }
}

fn power_of_ten(exponent: f64) -> String {
    let superscript = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => digit
            .to_digit(10)
            .and_then(|d| char::from_u32(0x2070 + d))
            .unwrap_or(digit),
    };
    let power: String = exponent
        .round()
        .to_string()
        .chars()
        .map(superscript)
        .collect();
    format!("10{power}")
}
