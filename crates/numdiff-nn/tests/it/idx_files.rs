//! IDX files, plain and compressed, truncated and lying.

use ndarray::{ArrayD, IxDyn};
use numdiff_nn::Error;
use numdiff_nn::idx::{Images, read};
use std::io::Write;

fn file(shape: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|n| bytes.extend(n.to_be_bytes()));
    bytes.extend(data);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn plain_and_compressed_files_on_disk() {
    let directory = std::env::temp_dir().join(format!("numdiff-idx-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let images = file(&[2, 2, 3], &[0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6]);
    let labels = file(&[2], &[7, 3]);
    for (name, packed) in [("plain", false), ("packed", true)] {
        let pack = |bytes: &[u8]| if packed { gzip(bytes) } else { bytes.to_vec() };
        let (image_path, label_path) = (
            directory.join(format!("{name}-images")),
            directory.join(format!("{name}-labels")),
        );
        std::fs::write(&image_path, pack(&images)).unwrap();
        std::fs::write(&label_path, pack(&labels)).unwrap();
        let read = Images::open(&image_path, &label_path).unwrap();
        assert_eq!(
            (read.height, read.width, read.labels.as_slice()),
            (2, 3, &[7, 3][..])
        );
        assert_eq!(read.x.row(0).to_vec(), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
    }
    // The one of the two that is missing, or damaged, is named.
    let (good, cut) = (directory.join("images"), directory.join("cut"));
    std::fs::write(&good, &images).unwrap();
    std::fs::write(&cut, &labels[..labels.len() - 1]).unwrap();
    for bad in [directory.join("none"), cut] {
        let Err(Error::File { path, source }) = Images::open(&good, &bad) else {
            panic!("{}", bad.display())
        };
        assert_eq!(path, bad);
        assert!(matches!(*source, Error::Io { .. } | Error::Idx { .. }));
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn truncated_and_lying_files_are_clear_errors() {
    let good = file(&[2, 2, 3], &[1; 12]);
    assert!(read(&good[..]).is_ok());
    for end in 0..good.len() {
        assert!(
            matches!(read(&good[..end]), Err(Error::Idx { .. })),
            "{end} bytes"
        );
    }
    let packed = gzip(&good);
    for end in [3, packed.len() / 2, packed.len() - 1] {
        assert!(
            matches!(
                read(&packed[..end]),
                Err(Error::Idx {
                    what: "gzip stream",
                    ..
                })
            ),
            "{end} bytes"
        );
    }
    let refused = |bytes: &[u8], expected: &str| match read(bytes) {
        Err(Error::Idx { what, .. }) => assert_eq!(what, expected),
        other => panic!("{other:?}"),
    };
    refused(&file(&[2, 2, 3], &[1; 13]), "size");
    // Claims 2^64 bytes and more: refused before anything is allocated.
    refused(&file(&[u32::MAX, u32::MAX, u32::MAX], &[]), "size");
    refused(&[1, 0, 8, 1, 0, 0, 0, 0], "magic number");
    refused(&[0, 0, 13, 1, 0, 0, 0, 0], "type of data");
    refused(b"<html>not found</html>", "magic number");
}

#[test]
fn images_and_labels_must_belong_together() {
    let array = |shape: &[usize]| ArrayD::<u8>::zeros(IxDyn(shape));
    assert!(matches!(
        Images::new(array(&[2, 3]), array(&[2])),
        Err(Error::Idx { what: "images", .. })
    ));
    assert!(matches!(
        Images::new(array(&[2, 3, 3]), array(&[2, 1])),
        Err(Error::Idx { what: "labels", .. })
    ));
    assert!(matches!(
        Images::new(array(&[2, 3, 3]), array(&[3])),
        Err(Error::Targets {
            rows: 2,
            targets: 3
        })
    ));
    assert!(matches!(
        Images::new(array(&[0, 3, 3]), array(&[0])),
        Err(Error::EmptyBatch)
    ));
}

#[test]
fn an_empty_array_of_impossible_dimensions_is_a_clear_error() {
    let bytes = file(&[0, u32::MAX, u32::MAX, u32::MAX], &[]);
    assert!(matches!(read(&bytes[..]), Err(Error::Idx { .. })));
}
