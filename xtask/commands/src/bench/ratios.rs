//! Figures of ratios against the number of unknowns.

use numdiff_tests::figure::{Axis, Figure, Ink, Layer, Mark};
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use xtask::figure::{self, Width};

/// What is drawn: the file's name, the title, how the ids begin and end around n.
const SERIES: [(&str, &str, &str, &str); 3] = [
    (
        "gradient-cheap",
        "Time of a gradient over numdiff's, f of nanoseconds",
        "gradient/n=",
        "/cheap",
    ),
    (
        "gradient-1us",
        "Time of a gradient over numdiff's, f of a microsecond",
        "gradient/n=",
        "/1us",
    ),
    (
        "lbfgs",
        "Time of an L-BFGS iteration over numdiff's",
        "lbfgs/n=",
        "",
    ),
];

const LOOKS: [(Ink, Mark); 3] = [
    (Ink::First, Mark::Disk),
    (Ink::Second, Mark::Ring),
    (Ink::Third, Mark::Cross),
];

/// Each series that has rows, as SVG and PNG.
pub fn write(rows: &[Value], out: &Path) -> Result<(), Box<dyn Error>> {
    for (name, title, start, end) in SERIES {
        let of_size = |row: &Value| {
            let size = row["id"].as_str()?.strip_prefix(start)?.strip_suffix(end)?;
            Some((size.parse::<f64>().ok()?, row["ratio"].as_object()?.clone()))
        };
        let rows: Vec<_> = rows.iter().filter_map(of_size).collect();
        let Some((_, peers)) = rows.first() else {
            continue;
        };
        let mut layers = vec![Layer::Line {
            label: None,
            ink: Ink::Quiet,
            dashed: true,
            points: vec![[0.0, 0.0], [6.0, 0.0]],
        }];
        for (peer, (ink, mark)) in peers.keys().zip(LOOKS) {
            let at = |(n, ratio): &(f64, serde_json::Map<String, Value>)| {
                Some([
                    n.log10(),
                    ratio.get(peer)?.as_f64()?.log10().clamp(-1.0, 1.0),
                ])
            };
            let points: Vec<[f64; 2]> = rows.iter().filter_map(at).collect();
            layers.push(Layer::Line {
                label: None,
                ink,
                dashed: false,
                points: points.clone(),
            });
            layers.push(Layer::Dots {
                label: Some(peer.clone()),
                ink,
                mark,
                points,
            });
        }
        let drawing = Figure {
            name,
            title,
            description: format!(
                "{title}, against the number of unknowns; above 1 numdiff is faster."
            ),
            x: Axis::logarithmic("unknowns", (0.0, 6.0), 0.0, 1.0),
            y: Axis::logarithmic("ratio", (-1.0, 1.0), -1.0, 1.0),
            equal: false,
            layers,
        };
        let text = figure::svg(&drawing, Width::Wide)?;
        std::fs::write(out.join(format!("{name}.svg")), text)?;
    }
    Ok(())
}
