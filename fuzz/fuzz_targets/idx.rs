//! Any bytes are an array or an error, plain and compressed; the array has as many bytes as the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use numdiff_nn::idx::{Images, read};

fuzz_target!(|data: &[u8]| {
    if let Ok(array) = read(data) {
        if !data.starts_with(&[0x1f, 0x8b]) {
            assert_eq!(array.len(), data.len() - 4 - 4 * array.ndim());
        }
        let _ = Images::new(array.clone(), array);
    }
    // One file cut in two: images and labels that may or may not belong together.
    if let [cut, rest @ ..] = data {
        let (a, b) = rest.split_at(usize::from(*cut).min(rest.len()));
        if let (Ok(images), Ok(labels)) = (read(a), read(b))
            && let Ok(images) = Images::new(images, labels)
        {
            assert_eq!(images.x.nrows(), images.labels.len());
            assert_eq!(images.x.ncols(), images.height * images.width);
        }
    }
});
