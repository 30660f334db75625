//! Colors that color-blind readers tell apart. A drawing is made in the colors for light paper and
//! carries a style sheet that exchanges them where its reader prefers dark paper.

use numdiff_tests::figure::Ink;
use plotters::style::RGBColor;
use std::fmt::Write;

/// Each color on light paper and on dark paper.
const PAIRS: [(RGBColor, RGBColor); 8] = [
    (PAPER, RGBColor(0x14, 0x17, 0x1c)),
    (TEXT, RGBColor(0xe4, 0xe7, 0xec)),
    (GRID, RGBColor(0x2c, 0x31, 0x3a)),
    (BAND, RGBColor(0x1d, 0x21, 0x28)),
    // The palette of Okabe and Ito (2008), lightened on dark paper.
    (FIRST, RGBColor(0x56, 0xb4, 0xe9)),
    (SECOND, RGBColor(0xe6, 0x9f, 0x00)),
    (THIRD, RGBColor(0x2f, 0xc4, 0x9a)),
    (QUIET, RGBColor(0x5b, 0x64, 0x70)),
];

/// The background; the same as that of the report, so that a figure has no visible edge.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// Text.
pub const TEXT: RGBColor = RGBColor(0x1c, 0x21, 0x28);
/// Grid lines and frames.
pub const GRID: RGBColor = RGBColor(0xe3, 0xe6, 0xea);
/// A shaded band.
pub const BAND: RGBColor = RGBColor(0xf3, 0xf4, 0xf6);
const FIRST: RGBColor = RGBColor(0x00, 0x72, 0xb2);
const SECOND: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
const THIRD: RGBColor = RGBColor(0x00, 0x7a, 0x58);
const QUIET: RGBColor = RGBColor(0xa3, 0xab, 0xb5);

/// The color of a series.
pub fn series(ink: Ink) -> RGBColor {
    match ink {
        Ink::First => FIRST,
        Ink::Second => SECOND,
        Ink::Third => THIRD,
        Ink::Quiet => QUIET,
    }
}

/// Adds the style sheet for dark paper to the text of an SVG file and sets the size at which it is
/// shown, in CSS pixels; `drawn` is its size in its own units.
pub fn finish(svg: &str, drawn: (u32, u32), shown: (i32, i32)) -> String {
    let mut style = String::from("<style>@media (prefers-color-scheme: dark) {");
    for (light, dark) in PAIRS {
        let hex = |RGBColor(r, g, b): RGBColor| format!("#{r:02X}{g:02X}{b:02X}");
        let (light, dark) = (hex(light), hex(dark));
        let _ = write!(
            style,
            " [fill=\"{light}\"] {{ fill: {dark} }} [stroke=\"{light}\"] {{ stroke: {dark} }}"
        );
    }
    style += " }</style>\n";
    let size = |(wide, high): (i64, i64)| format!("width=\"{wide}\" height=\"{high}\"");
    let drawn = size((drawn.0.into(), drawn.1.into()));
    let svg = svg.replacen(&drawn, &size((shown.0.into(), shown.1.into())), 1);
    match svg.find('>').map(|end| svg.split_at(end + 1)) {
        Some((head, body)) => format!("{head}\n{style}{}", body.trim_start()),
        None => svg,
    }
}
