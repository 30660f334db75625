//! Text in figures: one embedded font, its measure, and lines that fit.

use plotters::style::{FontStyle, IntoFont, register_font};
use std::sync::Once;

/// Text is measured and, in PNG, drawn with this family; an SVG leaves the choice to its reader.
pub const FAMILY: &str = "sans-serif";
/// Size of text in pixels as plotters counts it, 1.24 times the font size it writes into SVG.
pub const TEXT: f64 = 17.0;
/// Height of a line of text.
pub const LINE: i32 = 20;

/// Makes the embedded font known to plotters; without it nothing can be drawn.
pub fn embed_font() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails for a damaged font file only, and this one is part of the program.
        assert!(register_font(FAMILY, FontStyle::Normal, dejavu::sans::regular()).is_ok());
        assert!(register_font(FAMILY, FontStyle::Bold, dejavu::sans::bold()).is_ok());
    });
}

/// Width of text in CSS pixels.
pub fn measure(text: &str, style: FontStyle) -> i32 {
    let font = (FAMILY, TEXT, style).into_font();
    font.box_size(text).map_or(0, |(width, _)| width as i32)
}

/// Breaks `items` into lines no wider than `width`; a line has at least one.
pub fn wrap<T>(items: Vec<T>, width: i32, measure: impl Fn(&[T]) -> i32) -> Vec<Vec<T>> {
    let mut lines: Vec<Vec<T>> = Vec::new();
    for item in items {
        match lines.last_mut() {
            None => lines.push(vec![item]),
            Some(line) => {
                line.push(item);
                if measure(line) > width && line.len() > 1 {
                    let item = line.split_off(line.len() - 1);
                    lines.push(item);
                }
            }
        }
    }
    lines
}
