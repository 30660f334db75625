//! The shape of a picture in a row of a batch.

/// The shape of an image in a row of a batch. The row holds channel after channel, each in row-major order.
///
/// # Example
/// ```
/// use numdiff_nn::Image;
/// let image = Image::new(3, 8, 10);
/// assert_eq!((image.plane(), image.size()), (80, 240));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Image {
    /// The number of channels.
    pub channels: usize,
    /// The number of rows of pixels.
    pub height: usize,
    /// The number of columns of pixels.
    pub width: usize,
}

impl Image {
    /// Creates the shape of `channels` channels of `height` x `width` pixels.
    pub fn new(channels: usize, height: usize, width: usize) -> Self {
        Self {
            channels,
            height,
            width,
        }
    }

    /// Returns the number of pixels of a channel; `usize::MAX` on overflow.
    pub fn plane(self) -> usize {
        self.height.saturating_mul(self.width)
    }

    /// Returns the number of values of all channels; `usize::MAX` on overflow.
    pub fn size(self) -> usize {
        self.channels.saturating_mul(self.plane())
    }

    /// The channels in which these columns of a batch lie.
    pub(crate) fn touched(self, columns: std::ops::Range<usize>) -> std::ops::Range<usize> {
        if columns.is_empty() {
            return 0..0;
        }
        columns.start / self.plane()..(columns.end - 1) / self.plane() + 1
    }
}

impl std::fmt::Display for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}x{}", self.channels, self.height, self.width)
    }
}
