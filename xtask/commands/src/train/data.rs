//! The data sets: where they come from and how they are split.

use flate2::read::GzDecoder;
use ndarray::{Array2, Axis, s};
use ndarray_rand::rand::SeedableRng;
use ndarray_rand::rand::seq::SliceRandom;
use numdiff_nn::idx::Images;
use numdiff_nn::{Batch, Targets};
use rand_chacha::ChaCha8Rng;
use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The stream of the generator that splits the data; weights are drawn from stream 0.
const SPLIT_STREAM: u64 = 1;

/// A data set, split into what is learned from and what is held out.
pub struct Data {
    /// Name for the report.
    pub name: String,
    /// Where it comes from.
    pub source: &'static str,
    /// What is learned from.
    pub training: Batch,
    /// What is held out.
    pub held_out: Batch,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Rows and columns of pixels, when the samples are pictures.
    pub picture: Option<(usize, usize)>,
}

/// Iris, as UCI distributes it; a seeded third of each species is held out.
pub fn iris(seed: u64) -> Result<Data, Box<dyn Error>> {
    let text = unpack(include_bytes!("../../../../tests/data/iris.csv.gz"))?;
    let (x, labels) = table(text.lines().skip(1))?;
    let (training, held_out) = split(&labels, seed);
    // Centered and scaled by what is learned from: what is held out must not show.
    let learned = x.select(Axis(0), &training);
    let mean = learned.mean_axis(Axis(0)).ok_or("iris is empty")?;
    let deviation = learned.std_axis(Axis(0), 0.0);
    let x = (x - mean) / deviation;
    Ok(Data {
        name: "iris".into(),
        source: "Fisher's iris, the file of the UCI Machine Learning Repository",
        training: part(&x, &labels, &training)?,
        held_out: part(&x, &labels, &held_out)?,
        classes: ["setosa", "versicolor", "virginica"]
            .map(String::from)
            .to_vec(),
        picture: None,
    })
}

/// The UCI optical digits; a seeded third of each digit is held out.
pub fn digits(seed: u64) -> Result<Data, Box<dyn Error>> {
    let text = unpack(include_bytes!("../../../../tests/data/digits.csv.gz"))?;
    let (x, labels) = table(text.lines())?;
    let x = x / 16.0;
    let (training, held_out) = split(&labels, seed);
    Ok(Data {
        name: "digits".into(),
        source: "Optical recognition of handwritten digits, UCI Machine Learning Repository",
        training: part(&x, &labels, &training)?,
        held_out: part(&x, &labels, &held_out)?,
        classes: (0..10).map(|digit| digit.to_string()).collect(),
        picture: Some((8, 8)),
    })
}

/// The four files of MNIST or its kin in one folder; without test files a seeded third of each class
/// is held out.
pub fn idx(folder: &Path, limit: Option<usize>, seed: u64) -> Result<Data, Box<dyn Error>> {
    let open = |images: &str, labels: &str| -> Result<Option<Images>, Box<dyn Error>> {
        match (file(folder, images), file(folder, labels)) {
            (Some(images), Some(labels)) => Ok(Some(Images::open(images, labels)?)),
            _ => Ok(None),
        }
    };
    let Some(images) = open("train-images", "train-labels")? else {
        let folder = folder.display();
        return Err(format!(
            "no train-images-idx3-ubyte and train-labels-idx1-ubyte in {folder} (plain or .gz); \
             put the IDX files of MNIST or its kin there"
        )
        .into());
    };
    let test = open("t10k-images", "t10k-labels")?;
    check_labels(&images.labels)?;
    let classes = images
        .labels
        .iter()
        .chain(test.iter().flat_map(|t| &t.labels))
        .max()
        .map_or(1, |m| m + 1);
    let take = |rows: usize| rows.min(limit.unwrap_or(usize::MAX));
    let first = |images: &Images| {
        let rows: Vec<usize> = (0..take(images.labels.len())).collect();
        part(&images.x, &images.labels, &rows)
    };
    let (training, held_out) = match &test {
        Some(test) if (test.height, test.width) == (images.height, images.width) => {
            (first(&images)?, first(test)?)
        }
        Some(test) => {
            return Err(format!(
                "training images are {}x{} but test images {}x{}; they must have one size",
                images.height, images.width, test.height, test.width
            )
            .into());
        }
        None => {
            let labels = &images.labels[..take(images.labels.len())];
            let (training, held_out) = split(labels, seed);
            (
                part(&images.x, labels, &training)?,
                part(&images.x, labels, &held_out)?,
            )
        }
    };
    Ok(Data {
        name: folder
            .file_name()
            .map_or("idx".into(), |name| name.to_string_lossy().into_owned()),
        source: "IDX files",
        training,
        held_out,
        classes: (0..classes).map(|class| class.to_string()).collect(),
        picture: Some((images.height, images.width)),
    })
}

/// Every class up to the largest label has an image: a label beyond is a damaged or wrong file.
fn check_labels(labels: &[usize]) -> Result<(), Box<dyn Error>> {
    let largest = labels.iter().copied().max().unwrap_or(0);
    let mut seen = vec![false; largest + 1];
    labels.iter().for_each(|label| seen[*label] = true);
    let Some(missing) = seen.iter().position(|seen| !seen) else {
        return Ok(());
    };
    let row = labels
        .iter()
        .position(|label| *label == largest)
        .unwrap_or(0);
    Err(format!(
        "label {largest} of image {row} would make {} classes, but no image is labelled {missing}; \
         labels are 0 to classes - 1: check the labels' file",
        largest + 1
    )
    .into())
}

/// The file of this kind under any of the names in use.
fn file(folder: &Path, kind: &str) -> Option<PathBuf> {
    let number = if kind.ends_with("images") { 3 } else { 1 };
    let names = [
        format!("{kind}-idx{number}-ubyte"),
        format!("{kind}.idx{number}-ubyte"),
    ];
    let candidates = names
        .iter()
        .flat_map(|name| [name.clone(), format!("{name}.gz")]);
    candidates
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
}

fn unpack(bytes: &[u8]) -> Result<String, std::io::Error> {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text)?;
    Ok(text)
}

/// Lines of numbers, the label last.
fn table<'t>(
    lines: impl Iterator<Item = &'t str>,
) -> Result<(Array2<f64>, Vec<usize>), Box<dyn Error>> {
    let rows: Result<Vec<Vec<f64>>, _> = lines
        .map(|line| line.split(',').map(|v| v.trim().parse::<f64>()).collect())
        .collect();
    let rows = rows?;
    let columns = rows.first().map_or(0, Vec::len);
    let all = Array2::from_shape_vec((rows.len(), columns), rows.into_iter().flatten().collect())?;
    let labels = all
        .column(columns - 1)
        .iter()
        .map(|&label| label as usize)
        .collect();
    Ok((all.slice(s![.., ..columns - 1]).to_owned(), labels))
}

/// Two thirds and one third of each class, drawn by the seed; both in the data's own order.
fn split(labels: &[usize], seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(SPLIT_STREAM);
    let classes = labels.iter().max().map_or(0, |m| m + 1);
    let (mut training, mut held_out) = (Vec::new(), Vec::new());
    for class in 0..classes {
        let mut rows: Vec<usize> = (0..labels.len())
            .filter(|&row| labels[row] == class)
            .collect();
        rows.shuffle(&mut rng);
        let third = (rows.len() + 1) / 3;
        held_out.extend_from_slice(&rows[..third]);
        training.extend_from_slice(&rows[third..]);
    }
    training.sort_unstable();
    held_out.sort_unstable();
    (training, held_out)
}

fn part(x: &Array2<f64>, labels: &[usize], rows: &[usize]) -> Result<Batch, numdiff_nn::Error> {
    let labels: Vec<usize> = rows.iter().map(|&row| labels[row]).collect();
    Batch::new(x.select(Axis(0), rows), Targets::labels(&labels))
}
