//! Square windows over pictures.

use crate::error::require;
use crate::{Error, Image};
use std::ops::Range;

/// Windows over a picture with zeros around it, side by side in rows: every `stride`-th pixel of every
/// `stride`-th row begins one.
#[derive(Clone, Copy)]
pub(super) struct Windows {
    pub image: Image,
    /// Pixels along a side.
    pub size: usize,
    pub stride: usize,
    pub padding: usize,
}

impl Windows {
    fn padded(self, pixels: usize) -> usize {
        pixels.saturating_add(self.padding.saturating_mul(2))
    }

    /// Their number along the picture's height and its width, for so many channels. Empty when none fits.
    pub fn output(self, channels: usize) -> Image {
        let places = |pixels: usize| match self.padded(pixels).checked_sub(self.size) {
            Some(room) if self.stride > 0 => (room / self.stride).saturating_add(1),
            _ => 0,
        };
        Image::new(
            channels,
            places(self.image.height),
            places(self.image.width),
        )
    }

    /// Whether there are any; a size of 0 is told before a stride of 0.
    pub fn check(self, layer: &str, name: &'static str, within: &'static str) -> Result<(), Error> {
        let room = self.padded(self.image.height.min(self.image.width));
        let (fits, stride) = ((1..=room).contains(&self.size), self.stride as f64);
        let strides = self.stride > 0 || self.size == 0;
        require(strides, layer, ("stride", stride), "at least 1")?;
        require(fits, layer, (name, self.size as f64), within)
    }

    /// The pixels of each window that lie in the picture, of these channels: the number of the window, that of the
    /// pixel among all of the window, channel after channel, and its column in a batch.
    pub fn pixels(self, channels: Range<usize>) -> impl Iterator<Item = (usize, usize, usize)> {
        let output = self.output(1);
        (0..output.plane()).flat_map(move |place| {
            let pixels = self.of_one(output.width, place, channels.clone());
            pixels.map(move |(pixel, column)| (place, pixel, column))
        })
    }

    /// Those of one window, where so many stand side by side.
    pub fn of_one(
        self,
        across: usize,
        place: usize,
        channels: Range<usize>,
    ) -> impl Iterator<Item = (usize, usize)> {
        let Self { image, size, .. } = self;
        let inside = move |window: usize, offset: usize, end: usize| {
            let pixel = (window * self.stride + offset).checked_sub(self.padding)?;
            (pixel < end).then_some(pixel)
        };
        let area = size * size;
        (channels.start * area..channels.end * area).filter_map(move |pixel| {
            let row = inside(place / across, pixel / size % size, image.height)?;
            let column = inside(place % across, pixel % size, image.width)?;
            let first = pixel / area * image.plane();
            Some((pixel, first + row * image.width + column))
        })
    }
}
