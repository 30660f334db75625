//! A grid of small pictures with a line of words below each: digits, weights.

use numdiff_tests::figure::Ink;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontStyle;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use xtask::figure::Width;
use xtask::palette;
use xtask::text::{FAMILY, LINE, TEXT, embed_font, measure, wrap};

/// Small pictures in rows.
pub struct ImageGrid {
    /// File name without its ending.
    pub name: &'static str,
    /// One line above.
    pub title: String,
    /// What is shown, for a reader who can't see it.
    pub description: String,
    /// Rows and columns of pixels of each picture.
    pub shape: (usize, usize),
    /// The pictures.
    pub tiles: Vec<Tile>,
}

/// One small picture.
pub struct Tile {
    /// Row after row: 0 is paper, 1 the full ink, -1 the full ink of the other kind.
    pub pixels: Vec<f64>,
    /// Words below; none for no line.
    pub caption: String,
    /// Whether the words are to be noticed.
    pub marked: bool,
}

/// Edge of a picture in CSS pixels, about; a pixel of it is a whole number of them.
const EDGE: usize = 64;
/// Space between pictures.
const GAP: i32 = 14;
/// SVG units per CSS pixel.
const DENSITY: i32 = 2;

impl ImageGrid {
    /// The grid as the text of an SVG file.
    pub fn svg(&self, width: Width) -> Result<String, Box<dyn Error>> {
        embed_font();
        let (wide, high) = self.size(width);
        let drawn = ((wide * DENSITY) as u32, (high * DENSITY) as u32);
        let mut text = String::new();
        self.draw(
            SVGBackend::with_string(&mut text, drawn).into_drawing_area(),
            width,
        )?;
        Ok(palette::finish(&text, drawn, (wide, high)))
    }

    /// Width in CSS pixels.
    pub fn wide(&self, width: Width) -> i32 {
        match width {
            Width::Wide => 720,
            Width::Narrow => 350,
        }
    }

    /// Edge of one pixel of a picture.
    fn pixel(&self) -> i32 {
        (EDGE / self.shape.0.max(self.shape.1)).max(1) as i32
    }

    /// Width and height of one picture.
    fn tile(&self) -> (i32, i32) {
        (
            self.shape.1 as i32 * self.pixel(),
            self.shape.0 as i32 * self.pixel(),
        )
    }

    /// Width of a picture or of the longest words below one.
    fn column(&self) -> i32 {
        let words = self
            .tiles
            .iter()
            .map(|tile| measure(&tile.caption, FontStyle::Bold));
        words.max().unwrap_or(0).max(self.tile().0) + GAP
    }

    fn columns(&self, width: Width) -> i32 {
        ((self.wide(width) - GAP) / self.column()).max(1)
    }

    fn title(&self, width: Width) -> Vec<String> {
        let words = self.title.split(' ').map(str::to_string).collect();
        let lines = wrap(words, self.wide(width) - 16, |words: &[String]| {
            measure(&words.join(" "), FontStyle::Bold)
        });
        lines.into_iter().map(|words| words.join(" ")).collect()
    }

    /// Height of a picture and its words.
    fn row(&self) -> i32 {
        let words = if self.tiles.iter().any(|tile| !tile.caption.is_empty()) {
            LINE
        } else {
            0
        };
        self.tile().1 + words + GAP
    }

    fn size(&self, width: Width) -> (i32, i32) {
        let rows = (self.tiles.len() as i32 + self.columns(width) - 1) / self.columns(width);
        (
            self.wide(width),
            14 + LINE * self.title(width).len() as i32 + rows * self.row(),
        )
    }

    fn draw<DB: DrawingBackend>(
        &self,
        area: DrawingArea<DB, Shift>,
        width: Width,
    ) -> Result<(), Box<dyn Error>>
    where
        DB::ErrorType: 'static,
    {
        let scale = DENSITY;
        area.fill(&palette::PAPER)?;
        let style = |color: RGBColor, style: FontStyle| {
            (FAMILY, TEXT * f64::from(scale), style)
                .with_color(color)
                .into_text_style(&(100, 100))
        };
        let left = Pos::new(HPos::Left, VPos::Center);
        let mut top = 8;
        for line in self.title(width) {
            let place = (8 * scale, (top + LINE / 2) * scale);
            area.draw_text(
                &line,
                &style(palette::TEXT, FontStyle::Bold).pos(left),
                place,
            )?;
            top += LINE;
        }
        top += 6;
        for (i, tile) in self.tiles.iter().enumerate() {
            let (row, column) = (
                i as i32 / self.columns(width),
                i as i32 % self.columns(width),
            );
            let (x, y) = (8 + column * self.column(), top + row * self.row());
            self.draw_tile(&area, tile, (x * scale, y * scale))?;
            if !tile.caption.is_empty() {
                let color = if tile.marked {
                    palette::series(Ink::Second)
                } else {
                    palette::TEXT
                };
                let weight = if tile.marked {
                    FontStyle::Bold
                } else {
                    FontStyle::Normal
                };
                let place = (x * scale, (y + self.tile().1 + LINE / 2 + 1) * scale);
                area.draw_text(&tile.caption, &style(color, weight).pos(left), place)?;
            }
        }
        area.present()?;
        Ok(())
    }

    fn draw_tile<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
        tile: &Tile,
        (x, y): (i32, i32),
    ) -> Result<(), Box<dyn Error>>
    where
        DB::ErrorType: 'static,
    {
        let edge = self.pixel() * DENSITY;
        // Of the whole grid: a unit that only excites is blue among the others.
        let signed = self
            .tiles
            .iter()
            .flat_map(|tile| &tile.pixels)
            .any(|&p| p < 0.0);
        for (i, &value) in tile.pixels.iter().enumerate() {
            let (row, column) = ((i / self.shape.1) as i32, (i % self.shape.1) as i32);
            let ink = match (signed, value < 0.0) {
                (false, _) => palette::TEXT,
                (true, false) => palette::series(Ink::First),
                (true, true) => palette::series(Ink::Second),
            };
            let corner = (x + column * edge, y + row * edge);
            let corners = [corner, (corner.0 + edge, corner.1 + edge)];
            area.draw(&Rectangle::new(
                corners,
                ink.mix(value.abs().min(1.0)).filled(),
            ))?;
        }
        let (width, height) = self.tile();
        let frame = [(x - 1, y - 1), (x + width * DENSITY, y + height * DENSITY)];
        area.draw(&Rectangle::new(frame, palette::GRID.stroke_width(1)))?;
        Ok(())
    }
}
