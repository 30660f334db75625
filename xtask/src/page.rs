//! A self-contained HTML page: readable in light and dark, on a desk and on a phone.

use crate::figure::{self, Width};
use crate::theme::Theme;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use numdiff_tests::figure::Figure;
use std::error::Error;

/// A page that needs no other file.
pub fn page(title: &str, body: Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    }
    .into_string()
}

/// A figure drawn four times, light and dark, wide and narrow; the browser picks one.
pub fn picture(figure: &Figure) -> Result<Markup, Box<dyn Error>> {
    let wide = figure::pixels(figure, Width::Wide);
    drawing(&figure.description, wide, |theme, width| {
        figure::svg(figure, theme, width)
    })
}

/// As [`picture`], for anything that can be drawn in both themes and widths.
pub fn drawing(
    description: &str,
    wide: i32,
    svg: impl Fn(Theme, Width) -> Result<String, Box<dyn Error>>,
) -> Result<Markup, Box<dyn Error>> {
    let image = |theme, width| -> Result<String, Box<dyn Error>> {
        Ok(format!(
            "data:image/svg+xml;base64,{}",
            STANDARD.encode(svg(theme, width)?)
        ))
    };
    // Narrower than this a wide figure's text would be smaller than the page's.
    let narrow = "(max-width: 44rem)";
    let wide = format!("--wide: {wide}px");
    let dark = "(prefers-color-scheme: dark)";
    Ok(html! {
        figure {
            picture {
                source media=(format!("{narrow} and {dark}")) srcset=(image(Theme::Dark, Width::Narrow)?);
                source media=(narrow) srcset=(image(Theme::Light, Width::Narrow)?);
                source media=(dark) srcset=(image(Theme::Dark, Width::Wide)?);
                img src=(image(Theme::Light, Width::Wide)?) alt=(description) style=(wide);
            }
            figcaption { (description) }
        }
    })
}

const STYLE: &str = include_str!("page.css");
