//! The peers on the public files: `tests/golden/derivative_peers.csv`.

/// A peer's figures for one group and order; NaN where it has none.
pub struct Peer {
    pub library: String,
    pub group: String,
    pub cases: usize,
    pub median_relative: f64,
    pub p90_relative: f64,
    pub worst_relative: f64,
    pub median_over_limit: f64,
    pub evaluations_median: f64,
    pub evaluations_p90: f64,
    pub coverage: f64,
    pub gross: f64,
}

/// All rows of the file.
pub fn peers() -> Vec<Peer> {
    let text = include_str!("../../../../tests/golden/derivative_peers.csv");
    text.lines().skip(1).filter_map(peer).collect()
}

fn peer(line: &str) -> Option<Peer> {
    let fields = fields(line);
    let number = |i: usize| {
        fields
            .get(i)
            .and_then(|text| text.parse().ok())
            .unwrap_or(f64::NAN)
    };
    let order = fields.get(2)?;
    let group = fields.get(1)?;
    Some(Peer {
        library: fields.first()?.clone(),
        // Second and third derivatives stand in rows of their own.
        group: if order == "1" {
            group.clone()
        } else {
            format!("{group} ({order})")
        },
        cases: fields.get(3)?.parse().ok()?,
        median_relative: number(4),
        p90_relative: number(5),
        worst_relative: number(6),
        median_over_limit: number(7),
        evaluations_median: number(8),
        evaluations_p90: number(9),
        coverage: number(10),
        gross: number(11),
    })
}

/// The fields of a line of comma-separated values; a quoted field may hold commas.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().expect("there is a first field").push(c),
        }
    }
    fields
}
