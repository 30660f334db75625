//! IDX files, the format of MNIST.

use crate::Error;
use crate::error::io;
use ndarray::{Array2, ArrayD};
use std::io::Read;
use std::path::Path;

/// Larger claims are refused before anything is allocated: 2^32 bytes.
const LIMIT: u64 = 1 << 32;

/// Reads an IDX file of unsigned bytes: images (three dimensions) or labels (one).
///
/// The format consists of two zero bytes, the type (8: unsigned byte), the number of dimensions, each dimension as a
/// big-endian 32-bit number, and the data in row-major order. With the feature `gzip`, compressed data is recognized by
/// its first two bytes.
///
/// # Errors
/// The reader fails, the header is invalid, the data has another type, or there are fewer or more bytes than the
/// dimensions say.
///
/// # Example
/// ```
/// let bytes = [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9];
/// let array = numdiff_nn::idx::read(&bytes[..])?;
/// assert_eq!(array.shape(), [1, 3]);
/// assert_eq!(array[[0, 2]], 9);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
pub fn read(mut reader: impl Read) -> Result<ArrayD<u8>, Error> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(io)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        bytes = inflate(&bytes)?;
    }
    let short = |expected| refuse("header", format!("{} bytes", bytes.len()), expected);
    let Some((magic, rest)) = bytes.split_first_chunk::<4>() else {
        return short("at least 4 bytes");
    };
    if magic[..2] != [0, 0] {
        let expected = "two zero bytes; is this an IDX file?";
        return refuse("magic number", format!("{magic:02x?}"), expected);
    }
    if magic[2] != 8 {
        let found = format!("{:#04x}", magic[2]);
        return refuse("type of data", found, "0x08, unsigned bytes");
    }
    let Some((header, data)) = rest.split_at_checked(4 * usize::from(magic[3])) else {
        return short("4 bytes for each dimension; the file is truncated");
    };
    let (numbers, _) = header.as_chunks::<4>();
    let shape: Vec<usize> = numbers
        .iter()
        .map(|b| u32::from_be_bytes(*b) as usize)
        .collect();
    let found = format!("{shape:?}");
    let size = shape
        .iter()
        .try_fold(1u64, |product, &n| product.checked_mul(n as u64))
        .filter(|&n| n <= LIMIT);
    let Some(size) = size else {
        return refuse("size", found, "at most 2^32 bytes");
    };
    if data.len() as u64 != size {
        let expected =
            format!("{size} bytes of data for the shape {found}; the file is truncated or lies");
        return refuse("size", format!("{} bytes of data", data.len()), &expected);
    }
    // A size of 0 may hide dimensions whose product no array can have.
    let expected = "dimensions with a product that can be addressed";
    ArrayD::from_shape_vec(shape, data.to_vec()).or_else(|_| refuse("size", found, expected))
}

/// What a file is, instead of what is needed.
fn refuse<T>(what: &'static str, found: String, expected: &str) -> Result<T, Error> {
    Err(Error::Idx {
        what,
        found,
        expected: expected.into(),
    })
}

/// The images and labels of two IDX files.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Images {
    /// The images, (images, height * width), with pixels from 0 to 1.
    pub x: Array2<f64>,
    /// The label of each image.
    pub labels: Vec<usize>,
    /// The number of rows of pixels of an image.
    pub height: usize,
    /// The number of columns of pixels of an image.
    pub width: usize,
}

impl Images {
    /// Reads images and labels from two files, compressed ones with the feature `gzip`.
    ///
    /// # Errors
    /// - Those of [`read`], with the path ([`Error::File`]).
    /// - The images do not have three dimensions, or the labels not one.
    /// - The numbers of images and labels differ, or there are no images.
    pub fn open(images: impl AsRef<Path>, labels: impl AsRef<Path>) -> Result<Self, Error> {
        let open = |path: &Path| {
            let file = std::fs::File::open(path).map_err(io);
            file.and_then(read).map_err(|source| Error::File {
                path: path.into(),
                source: Box::new(source),
            })
        };
        Self::new(open(images.as_ref())?, open(labels.as_ref())?)
    }

    /// Pairs images, (images, rows, columns), with labels, (images).
    ///
    /// # Errors
    /// Another number of dimensions; the numbers of images and labels differ; there are no images.
    pub fn new(images: ArrayD<u8>, labels: ArrayD<u8>) -> Result<Self, Error> {
        let shape = |array: &ArrayD<u8>| format!("shape {:?}", array.shape());
        let &[count, height, width] = images.shape() else {
            let expected = "three dimensions: images, rows, columns";
            return refuse("images", shape(&images), expected);
        };
        if labels.ndim() != 1 {
            return refuse("labels", shape(&labels), "one dimension");
        }
        if labels.len() != count {
            return Err(Error::Targets {
                rows: count,
                targets: labels.len(),
            });
        }
        if count == 0 {
            return Err(Error::EmptyBatch);
        }
        if images.is_empty() {
            let expected = "at least one row and column of pixels";
            return refuse("images", shape(&images), expected);
        }
        let pixels = images.iter().map(|&p| f64::from(p) / 255.0).collect();
        let x = Array2::from_shape_vec((count, height * width), pixels);
        Ok(Self {
            x: x.expect("as many pixels as the shape says"),
            labels: labels.iter().map(|&l| usize::from(l)).collect(),
            height,
            width,
        })
    }
}

#[cfg(feature = "gzip")]
fn inflate(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut plain = Vec::new();
    // One byte beyond the limit tells that there is more.
    let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(LIMIT + 1 + 4 * 255);
    let expected = "a whole stream; the file is truncated or damaged";
    match reader.read_to_end(&mut plain) {
        Ok(_) => Ok(plain),
        Err(source) => refuse("gzip stream", source.to_string(), expected),
    }
}

#[cfg(not(feature = "gzip"))]
fn inflate(_bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let expected = "plain data; enable the feature `gzip`, or unpack the file";
    refuse("compression", "a gzip stream".into(), expected)
}
