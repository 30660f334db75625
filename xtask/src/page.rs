//! A self-contained HTML page: readable in light and dark, on a desk and on a phone.

use crate::figure::{self, Width};
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

/// A figure drawn wide and narrow; the browser picks one.
pub fn picture(figure: &Figure) -> Result<Markup, Box<dyn Error>> {
    let wide = figure::pixels(figure, Width::Wide);
    drawing(&figure.description, wide, |width| {
        figure::svg(figure, width)
    })
}

/// As [`picture`], for anything that can be drawn in both widths.
pub fn drawing(
    description: &str,
    wide: i32,
    svg: impl Fn(Width) -> Result<String, Box<dyn Error>>,
) -> Result<Markup, Box<dyn Error>> {
    let image = |width| -> Result<String, Box<dyn Error>> {
        Ok(format!(
            "data:image/svg+xml;base64,{}",
            STANDARD.encode(svg(width)?)
        ))
    };
    let wide = format!("--wide: {wide}px");
    Ok(html! {
        figure {
            picture {
                // Narrower than this a wide figure's text would be smaller than the page's.
                source media="(max-width: 44rem)" srcset=(image(Width::Narrow)?);
                img src=(image(Width::Wide)?) alt=(description) style=(wide);
            }
            figcaption { (description) }
        }
    })
}

const STYLE: &str = include_str!("page.css");
