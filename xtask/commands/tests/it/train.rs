//! `cargo xtask train`: what it learns, what it writes, and that a kill costs nothing.

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A folder of its own for a test, emptied when it begins.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn command(out: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-commands"));
    command
        .arg("train")
        .args(arguments)
        .arg("--json")
        .arg("--out")
        .arg(out);
    command
}

fn train(out: &Path, arguments: &[&str]) -> Value {
    let output = command(out, arguments).output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    // No terminal, no progress bar.
    assert!(output.stderr.is_empty(), "{}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn written(out: &Path, names: &[&str]) {
    for name in names {
        let length = std::fs::metadata(out.join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"))
            .len();
        assert!(length > 500, "{name}: {length} bytes");
    }
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("data:image/svg+xml") && page.contains("held-out"));
    // Self-contained: nothing is fetched.
    assert!(!page.contains("src=\"http") && !page.contains("href=\"http"));
}

#[test]
fn iris_is_learned_by_numerical_gradients() {
    let out = folder("iris");
    let result = train(&out, &["iris", "--epochs", "100"]);
    assert!(result["accuracy"].as_f64().unwrap() >= 0.9, "{result}");
    assert_eq!(result["epochs"], 100);
    assert_eq!(result["gradients_agree"], true);
    written(
        &out,
        &[
            "loss.svg",
            "accuracy.svg",
            "flowers.svg",
            "weights.svg",
            "network.json",
            "checkpoint.json",
        ],
    );
}

#[test]
fn digits_are_learned_by_numerical_gradients_alone() {
    let out = folder("digits");
    let result = train(
        &out,
        &["digits", "--gradient", "numerical", "--require", "0.95"],
    );
    assert_eq!(result["network"], "64-32-10");
    // A third of the 1,797, class by class.
    assert_eq!(result["held_out"], 599);
    assert!(result["accuracy"].as_f64().unwrap() >= 0.95, "{result}");
    written(
        &out,
        &["loss.svg", "accuracy.svg", "predictions.svg", "weights.svg"],
    );
}

#[test]
fn a_run_that_was_killed_and_taken_up_ends_with_the_same_bits() {
    let arguments = [
        "digits",
        "--epochs",
        "12",
        "--hidden",
        "16",
        "--checkpoint",
        "0.02",
    ];
    let whole = train(&folder("whole"), &arguments);
    assert_eq!(whole["resumed_at"], Value::Null);
    let out = folder("killed");
    let mut child = command(&out, &arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (checkpoint, begin) = (out.join("checkpoint.json"), Instant::now());
    while !checkpoint.exists() && begin.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    assert!(
        !child.wait().unwrap().success(),
        "it ended before it was killed"
    );
    assert!(!out.join("report.html").exists());
    let mut arguments = arguments.to_vec();
    arguments.push("--resume");
    let resumed = train(&out, &arguments);
    let step = resumed["resumed_at"].as_u64().unwrap();
    assert!(
        step > 0 && step < whole["steps"].as_u64().unwrap(),
        "{step}"
    );
    for what in ["fingerprint", "loss", "accuracy", "steps", "epochs"] {
        assert_eq!(resumed[what], whole[what], "{what}");
    }
}

#[test]
fn another_run_or_a_damaged_checkpoint_is_not_taken_up() {
    let out = folder("other");
    train(&out, &["iris", "--epochs", "2"]);
    let refused = |arguments: &[&str], words: &str| {
        let output = command(&out, arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(words), "{}", text(&output));
    };
    refused(
        &["iris", "--epochs", "2", "--hidden", "7", "--resume"],
        "--resume",
    );
    // In words, both settings.
    let other = ["iris", "--epochs", "2", "--rate", "0.25", "--resume"];
    refused(&other, "learning rate 0.25");
    refused(&other, "the saved optimizer is Adam, learning rate 0.01");
    let output = command(&out, &other).output().unwrap();
    assert!(!text(&output).contains('{'), "{}", text(&output));
    std::fs::write(out.join("checkpoint.json"), "{\"format\":").unwrap();
    refused(&["iris", "--epochs", "2", "--resume"], "checkpoint.json");
    std::fs::remove_file(out.join("checkpoint.json")).unwrap();
    refused(&["iris", "--epochs", "2", "--resume"], "--resume");
    refused(&["iris", "--rate=-1"], "must be finite and above 0");
    refused(&["iris", "--batch", "0"], "must be at least 1");
    refused(&[], "required");
}

/// On a bounded loss nothing overflows: that nothing was learned is told, and is no success.
#[test]
fn a_rate_beyond_all_measure_is_told() {
    let arguments = ["iris", "--epochs", "3", "--rate", "1e300"];
    let output = command(&folder("rate"), &arguments).output().unwrap();
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("lower --rate") || told.contains("lower the learning rate"),
        "{told}"
    );
}

/// Pictures of 6 x 5: a bar across, down, or along the diagonal, on a gray that varies.
fn pictures(count: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut images, mut labels) = (vec![0, 0, 8, 3], vec![0, 0, 8, 1]);
    let size = |n: usize| (n as u32).to_be_bytes();
    [count, 6, 5].iter().for_each(|&n| images.extend(size(n)));
    labels.extend(size(count));
    for n in 0..count {
        let (class, place) = (n % 3, n / 3 % 4);
        for row in 0..6 {
            for column in 0..5 {
                let ink = match class {
                    0 => row == place,
                    1 => column == place,
                    _ => (row + 6 - column) % 6 == place,
                };
                images.push(if ink {
                    255
                } else {
                    (n * 7 + row * 5 + column) as u8 % 40
                });
            }
        }
        labels.push(class as u8);
    }
    (images, labels)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn idx_files_are_learned_from_plain_or_packed() {
    let data = folder("idx-data");
    let (images, labels) = pictures(240);
    std::fs::write(data.join("train-images-idx3-ubyte"), &images).unwrap();
    std::fs::write(data.join("train-labels-idx1-ubyte"), &labels).unwrap();
    let directory = data.to_str().unwrap();
    // Without test files a third of each class is held out: 27 of 80.
    let arguments = [
        "--idx", directory, "--epochs", "30", "--hidden", "12,8", "--batch", "20",
    ];
    let result = train(&folder("idx-third"), &arguments);
    assert_eq!(
        (&result["network"], &result["held_out"]),
        (&"30-12-8-3".into(), &81.into())
    );
    assert!(result["accuracy"].as_f64().unwrap() >= 0.9, "{result}");
    let (images, labels) = pictures(48);
    std::fs::write(data.join("t10k-images-idx3-ubyte.gz"), gzip(&images)).unwrap();
    std::fs::write(data.join("t10k-labels-idx1-ubyte.gz"), gzip(&labels)).unwrap();
    let out = folder("idx-tested");
    let result = train(&out, &arguments);
    assert_eq!(result["held_out"], 48);
    assert!(result["accuracy"].as_f64().unwrap() >= 0.9, "{result}");
    written(&out, &["predictions.svg", "weights.svg", "loss.svg"]);
    // By backpropagation the same network learns the same, up to the truncation of the differences.
    let backprop: Vec<&str> = arguments
        .iter()
        .copied()
        .chain(["--gradient", "backprop"])
        .collect();
    let other = train(&folder("idx-backprop"), &backprop);
    let loss = |result: &Value| result["loss"].as_f64().unwrap();
    assert!(
        (loss(&other) - loss(&result)).abs() <= 1e-3 * loss(&result),
        "{other} {result}"
    );
}

#[test]
fn idx_files_that_lie_are_clear_errors() {
    let data = folder("idx-lies");
    let refused = |words: &str| {
        let output = command(&folder("idx-lies-out"), &["--idx", data.to_str().unwrap()])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(words), "{words}: {}", text(&output));
    };
    refused("no train-images-idx3-ubyte");
    let (images, labels) = pictures(9);
    let write = |images: &[u8], labels: &[u8]| {
        std::fs::write(data.join("train-images-idx3-ubyte"), images).unwrap();
        std::fs::write(data.join("train-labels-idx1-ubyte"), labels).unwrap();
    };
    write(&images[..images.len() - 1], &labels);
    refused("train-images-idx3-ubyte");
    write(&images, &labels[..labels.len() - 1]);
    refused("train-labels-idx1-ubyte");
    let (_, more) = pictures(12);
    write(&images, &more);
    refused("12");
    write(b"<html>not found</html>", &labels);
    refused("magic number");
    // A label that would make 201 classes; pictures without rows of pixels.
    let mut far = labels.clone();
    far[8 + 4] = 200;
    write(&images, &far);
    refused("label 200 of image 4 would make 201 classes");
    let mut flat = images[..16].to_vec();
    flat[8..12].fill(0);
    write(&flat, &labels);
    refused("at least one row and column of pixels");
}
