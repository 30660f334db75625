//! Draws a [`Figure`] as SVG with one embedded font, the same on every machine, for light and dark paper.

use crate::axis::DrawnAxis;
use crate::palette;
use crate::text::{FAMILY, LINE, TEXT, embed_font, measure, wrap};
use numdiff_tests::figure::{Figure, Ink, Layer, Mark};
use plotters::coord::Shift;
use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;
use plotters::style::FontStyle;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;

/// How wide a figure is drawn, in CSS pixels; its height follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// For a page or a slide.
    Wide,
    /// For a phone: the same text size on less paper.
    Narrow,
}

/// Width in CSS pixels. A square figure is drawn less wide, so that it fits on a screen.
pub fn pixels(figure: &Figure, width: Width) -> i32 {
    match width {
        Width::Wide if ratio(figure).is_some_and(|ratio| ratio > 0.8) => 560,
        Width::Wide => 720,
        Width::Narrow => 350,
    }
}

/// Height over width of the chart, where the figure fixes it.
fn ratio(figure: &Figure) -> Option<f64> {
    let length = |(from, to): (f64, f64)| (to - from).abs();
    figure
        .equal
        .then(|| length(figure.y.range) / length(figure.x.range))
}

/// SVG units per CSS pixel: plotters draws at whole units, and a quarter of a pixel is not seen.
const DENSITY: i32 = 4;

/// The figure as the text of an SVG file.
pub fn svg(figure: &Figure, width: Width) -> Result<String, Box<dyn Error>> {
    embed_font();
    let pen = Pen::new(figure, width);
    let mut text = String::new();
    pen.draw(SVGBackend::with_string(&mut text, pen.size()).into_drawing_area())?;
    Ok(palette::finish(
        &text,
        pen.size(),
        (pen.width, pen.height()),
    ))
}

/// The axes of a chart.
type Axes = Cartesian2d<DrawnAxis, DrawnAxis>;

/// One drawing of one figure.
struct Pen<'a> {
    figure: &'a Figure,
    width: i32,
    /// Title and legend, wrapped to the width.
    title: Vec<String>,
    legend: Vec<Vec<usize>>,
}

impl<'a> Pen<'a> {
    fn new(figure: &'a Figure, width: Width) -> Self {
        let width = pixels(figure, width);
        let words = figure.title.split(' ').map(str::to_string).collect();
        let title = wrap(words, width - 16, |words: &[String]| {
            measure(&words.join(" "), FontStyle::Bold)
        });
        let labelled = (0..figure.layers.len())
            .filter(|&i| label(&figure.layers[i]).is_some())
            .collect();
        let legend = wrap(labelled, width - 16, |entries: &[usize]| {
            entries
                .iter()
                .map(|&i| entry_width(&figure.layers[i]))
                .sum()
        });
        Self {
            figure,
            width,
            title: title.into_iter().map(|words| words.join(" ")).collect(),
            legend,
        }
    }

    /// Height of what stands above the chart.
    fn head(&self) -> i32 {
        14 + LINE * (self.title.len() + self.legend.len() + 1) as i32
    }

    fn left(&self) -> i32 {
        let axis = DrawnAxis(self.figure.y.clone());
        let ticks = axis.0.ticks.iter();
        let widest = ticks.map(|tick| measure(&axis.format_ext(tick), FontStyle::Normal));
        16 + widest.max().unwrap_or(0)
    }

    fn height(&self) -> i32 {
        let chart = self.width - self.left() - MARGIN;
        let shape = if self.width > 500 { 0.56 } else { 0.9 };
        let ratio = ratio(self.figure).unwrap_or(shape);
        self.head() + (f64::from(chart) * ratio).round() as i32 + BELOW + 6
    }

    /// Device pixels.
    fn size(&self) -> (u32, u32) {
        let pixels = |length: i32| (length * DENSITY) as u32;
        (pixels(self.width), pixels(self.height()))
    }

    fn style(&self, color: RGBColor, style: FontStyle) -> TextStyle<'static> {
        (FAMILY, TEXT * f64::from(DENSITY), style)
            .with_color(color)
            .into_text_style(&(100, 100))
    }

    fn draw<DB: DrawingBackend>(&self, area: DrawingArea<DB, Shift>) -> Result<(), Box<dyn Error>>
    where
        DB::ErrorType: 'static,
    {
        area.fill(&palette::PAPER)?;
        let (head, body) = area.split_vertically(self.head() * DENSITY);
        self.draw_head(&head)?;
        let (x, y) = (&self.figure.x, &self.figure.y);
        let mut chart = ChartBuilder::on(&body)
            .margin_right(MARGIN * DENSITY)
            .margin_top(6 * DENSITY)
            .set_label_area_size(LabelAreaPosition::Left, self.left() * DENSITY)
            .set_label_area_size(LabelAreaPosition::Bottom, BELOW * DENSITY)
            .build_cartesian_2d(DrawnAxis(x.clone()), DrawnAxis(y.clone()))?;
        self.draw_bands(&mut chart)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(palette::GRID.stroke_width(DENSITY as u32))
            .axis_style(palette::series(Ink::Quiet).stroke_width(DENSITY as u32))
            .label_style(self.style(palette::TEXT, FontStyle::Normal))
            .axis_desc_style(self.style(palette::TEXT, FontStyle::Normal))
            .x_desc(x.label)
            .set_all_tick_mark_size(4 * DENSITY)
            .draw()?;
        for layer in &self.figure.layers {
            self.draw_layer(&mut chart, layer)?;
        }
        area.present()?;
        Ok(())
    }

    fn draw_head<DB: DrawingBackend>(
        &self,
        head: &DrawingArea<DB, Shift>,
    ) -> Result<(), Box<dyn Error>>
    where
        DB::ErrorType: 'static,
    {
        let s = DENSITY;
        let bold = self.style(palette::TEXT, FontStyle::Bold);
        let plain = self.style(palette::TEXT, FontStyle::Normal);
        let middle = Pos::new(HPos::Left, VPos::Center);
        let mut y = 8 + LINE / 2;
        for line in &self.title {
            head.draw_text(line, &bold.pos(middle), (8 * s, y * s))?;
            y += LINE;
        }
        for row in &self.legend {
            let mut x = 8;
            for &index in row {
                let layer = &self.figure.layers[index];
                let at = |dx: i32, dy: i32| ((x + dx) * s, (y + dy) * s);
                let sample = |dx: i32| at(dx, 0);
                match layer {
                    Layer::Line { ink, dashed, .. } => {
                        let style = palette::series(*ink).stroke_width(2 * s as u32);
                        let dashes: &[(i32, i32)] = if *dashed {
                            &[(0, 7), (11, 18)]
                        } else {
                            &[(0, 18)]
                        };
                        for &(from, to) in dashes {
                            head.draw(&PathElement::new(vec![sample(from), sample(to)], style))?;
                        }
                    }
                    Layer::Dots { ink, mark, .. } => {
                        head.draw(&self.mark(sample(9), *ink, *mark))?;
                    }
                    Layer::Arrows { ink, .. } => {
                        let style = palette::series(*ink).stroke_width(2 * s as u32);
                        for line in arrow(sample(0), sample(18), f64::from(7 * s)) {
                            head.draw(&PathElement::new(line, style))?;
                        }
                    }
                    Layer::Band { .. } | Layer::Note { .. } => {}
                }
                let text = label(layer).unwrap_or_default();
                head.draw_text(text, &plain.pos(middle), at(SAMPLE, 0))?;
                x += entry_width(layer);
            }
            y += LINE;
        }
        // The vertical axis is named where it ends: no reader has to turn the head.
        let (bottom, top) = self.figure.y.range;
        let arrow = if bottom < top { '↑' } else { '↓' };
        let name = format!("{arrow} {}", self.figure.y.label);
        head.draw_text(&name, &plain.pos(middle), (8 * s, (y + 6) * s))?;
        Ok(())
    }

    fn draw_bands<DB: DrawingBackend>(
        &self,
        chart: &mut ChartContext<'_, DB, Axes>,
    ) -> Result<(), Box<dyn Error>>
    where
        DB::ErrorType: 'static,
    {
        let (bottom, top) = self.figure.y.range;
        for layer in &self.figure.layers {
            if let Layer::Band {
                range,
                shaded: true,
                ..
            } = layer
            {
                let corners = [(range.0, bottom), (range.1, top)];
                chart.draw_series([Rectangle::new(corners, palette::BAND.filled())])?;
            }
        }
        Ok(())
    }

    fn draw_layer<DB: DrawingBackend>(
        &self,
        chart: &mut ChartContext<'_, DB, Axes>,
        layer: &Layer,
    ) -> Result<(), Box<dyn Error>>
    where
        DB::ErrorType: 'static,
    {
        let s = DENSITY;
        match layer {
            Layer::Line {
                ink,
                dashed,
                points,
                label,
            } => {
                let weight = if label.is_some() { 2 } else { 1 };
                let style = palette::series(*ink).stroke_width((weight * s) as u32);
                // plotters would bend what leaves the chart along its edge.
                for run in points
                    .split(|p| !self.inside(p))
                    .filter(|run| run.len() > 1)
                {
                    let points = run.iter().map(|p| (p[0], p[1]));
                    if *dashed {
                        chart.draw_series(DashedLineSeries::new(points, 7 * s, 4 * s, style))?;
                    } else {
                        chart.draw_series(LineSeries::new(points, style))?;
                    }
                }
            }
            Layer::Dots {
                ink, mark, points, ..
            } => {
                let points = points.iter().filter(|p| self.inside(p));
                chart.draw_series(
                    points.map(|p| EmptyElement::at((p[0], p[1])) + self.mark((0, 0), *ink, *mark)),
                )?;
            }
            Layer::Arrows { ink, arrows, .. } => {
                // Thin arrows: a field has hundreds of them.
                let style = palette::series(*ink).stroke_width(s as u32);
                for (tail, head) in arrows {
                    let to = chart.backend_coord(&(head[0], head[1]));
                    let from = chart.backend_coord(&(tail[0], tail[1]));
                    for line in arrow(from, to, f64::from(5 * s)) {
                        let points = line
                            .into_iter()
                            .map(|(x, y)| (x - to.0, y - to.1))
                            .collect::<Vec<_>>();
                        chart
                            .draw_series([EmptyElement::at((head[0], head[1]))
                                + PathElement::new(points, style)])?;
                    }
                }
            }
            Layer::Band { label, range, .. } => {
                // At the right edge curves leave the chart on the left of a band more often.
                let (hpos, x, aside) = match range.1 == self.figure.x.range.1 {
                    true => (HPos::Right, range.1, -4 * s),
                    false => (HPos::Center, (range.0 + range.1) / 2.0, 0),
                };
                let style = self.style(palette::TEXT, FontStyle::Normal);
                let style = style.pos(Pos::new(hpos, VPos::Top));
                let at = (x, self.figure.y.range.1);
                let (from, to) = (
                    chart.backend_coord(&(range.0, at.1)).0,
                    chart.backend_coord(&(range.1, at.1)).0,
                );
                let words = label.split(' ').map(str::to_string).collect();
                let lines = wrap(words, (to - from) / s - 6, |words: &[String]| {
                    measure(&words.join(" "), FontStyle::Normal)
                });
                for (i, line) in lines.into_iter().enumerate() {
                    let below = (6 + LINE * i as i32) * s;
                    chart.draw_series([EmptyElement::at(at)
                        + Text::new(line.join(" "), (aside, below), style.clone())])?;
                }
            }
            Layer::Note { text, at } => {
                let left = Pos::new(HPos::Left, VPos::Center);
                let style = self.style(palette::TEXT, FontStyle::Normal).pos(left);
                chart.draw_series([Text::new(text.clone(), (at[0], at[1]), style)])?;
            }
        }
        Ok(())
    }

    fn inside(&self, point: &[f64; 2]) -> bool {
        let within = |(a, b): (f64, f64), v: f64| (a.min(b)..=a.max(b)).contains(&v);
        within(self.figure.x.range, point[0]) && within(self.figure.y.range, point[1])
    }

    fn mark<DB: DrawingBackend>(
        &self,
        at: (i32, i32),
        ink: Ink,
        mark: Mark,
    ) -> DynElement<'static, DB, (i32, i32)>
    where
        (i32, i32): Clone + 'static,
    {
        let color = palette::series(ink);
        let (radius, line) = (4 * DENSITY, color.stroke_width(2 * DENSITY as u32));
        match mark {
            Mark::Disk => Circle::new(at, radius, color.filled()).into_dyn(),
            Mark::Ring => Circle::new(at, radius, line).into_dyn(),
            Mark::Cross => Cross::new(at, radius, line).into_dyn(),
        }
    }
}

/// Space right of and above the chart.
const MARGIN: i32 = 14;
/// Space below the chart: tick labels and the name of the axis.
const BELOW: i32 = 52;
/// Space of a legend entry's sample.
const SAMPLE: i32 = 24;

fn label(layer: &Layer) -> Option<&str> {
    match layer {
        Layer::Line { label, .. } | Layer::Dots { label, .. } | Layer::Arrows { label, .. } => {
            label.as_deref()
        }
        Layer::Band { .. } | Layer::Note { .. } => None,
    }
}

fn entry_width(layer: &Layer) -> i32 {
    SAMPLE + 18 + measure(label(layer).unwrap_or_default(), FontStyle::Normal)
}

/// A shaft and the two barbs of its head.
fn arrow(from: (i32, i32), to: (i32, i32), longest: f64) -> Vec<Vec<(i32, i32)>> {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = dx.hypot(dy);
    if length < 1.0 {
        return Vec::new();
    }
    // A short arrow has a head in proportion, so that its length still shows.
    let head = longest.min(0.45 * length) / length;
    let barb = |turn: f64| {
        let (sin, cos) = turn.sin_cos();
        let (x, y) = (dx * cos - dy * sin, dx * sin + dy * cos);
        let at = |v: f64| (head * v).round() as i32;
        vec![(to.0 - at(x), to.1 - at(y)), to]
    };
    vec![vec![from, to], barb(0.45), barb(-0.45)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    /// Those of the scenarios and those of the guide.
    fn figures() -> Vec<Figure> {
        let scenarios = numdiff_tests::all().into_iter();
        let mut figures: Vec<Figure> = scenarios
            .flat_map(|scenario| (scenario.run)().unwrap().figures)
            .collect();
        figures.extend(numdiff_tests::illustrations().unwrap());
        figures
    }

    /// `docs/figures` holds these; `cargo xtask repro --out docs/figures` draws them again (keep the SVG
    /// files alone).
    #[test]
    fn the_figures_in_the_documentation_are_these() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/figures");
        let figures = figures();
        for figure in &figures {
            let path = folder.join(format!("{}.svg", figure.name));
            let kept = fs::read_to_string(&path).unwrap_or_default();
            let now = svg(figure, Width::Wide).unwrap();
            assert!(kept == now, "{} is not what is drawn now", path.display());
        }
        assert!(figures.len() >= 10, "{}", figures.len());
    }

    #[test]
    fn every_figure_can_be_drawn_in_every_way() {
        for figure in figures() {
            for width in [Width::Wide, Width::Narrow] {
                let text = svg(&figure, width).unwrap();
                let wide = format!("<svg width=\"{}\"", pixels(&figure, width));
                assert!(text.starts_with(&wide), "{}", &text[..80]);
                assert!(text.trim_end().ends_with("</svg>"));
                assert!(text.contains("prefers-color-scheme: dark"));
            }
        }
    }
}
