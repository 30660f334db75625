//! A self-contained HTML page: readable in light and dark, on a desk and on a phone.

use crate::figure::{self, Width};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use horrorshow::helper::doctype;
use horrorshow::{Raw, Template, html};
use numdiff_tests::figure::Figure;
use std::error::Error;

/// HTML, to stand in more of it as it is.
pub type Markup = Raw<String>;

/// Writes a template out.
pub fn markup(template: impl Template) -> Result<Markup, Box<dyn Error>> {
    Ok(Raw(template.into_string()?))
}

/// A page that needs no other file.
pub fn page(title: &str, body: Markup) -> Result<String, Box<dyn Error>> {
    Ok(html! {
        : doctype::HTML;
        html(lang="en") {
            head {
                meta(charset="utf-8");
                meta(name="viewport", content="width=device-width, initial-scale=1");
                meta(name="color-scheme", content="light dark");
                title : title;
                style : Raw(STYLE);
            }
            body { main : body; }
        }
    }
    .into_string()?)
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
    let (narrow_image, wide_image) = (image(Width::Narrow)?, image(Width::Wide)?);
    let width = format!("--wide: {wide}px");
    markup(html! {
        figure {
            picture {
                // Narrower than this a wide figure's text would be smaller than the page's.
                source(media="(max-width: 44rem)", srcset=narrow_image);
                img(src=wide_image, alt=description, style=width);
            }
            figcaption : description;
        }
    })
}

const STYLE: &str = include_str!("page.css");
