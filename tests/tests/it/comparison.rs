//! The README's table beside other libraries: each number from the stored rows and from numdiff as it is.

use numdiff_accuracy::{Measured, Problems, groups, measure};

/// A column of the table, and the library's name in `tests/golden/derivative_peers.csv`.
const PEERS: [(&str, &str); 5] = [
    ("scipy.differentiate", "scipy.differentiate"),
    ("numdifftools", "numdifftools central"),
    ("jacobi", "jacobi"),
    ("FiniteDifferences.jl*", "FiniteDifferences.jl(5,1)*"),
    ("Boost*", "Boost order6*"),
];

/// What is known of a group of first derivatives: cases, share of gross errors, share of error bars that
/// hold, median of the evaluations.
struct Group {
    random: bool,
    cases: f64,
    gross: f64,
    coverage: f64,
    evaluations: f64,
}

/// The fields of a line of comma-separated values; a quoted field may hold commas.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

fn stored(library: &str) -> (Vec<String>, Vec<Group>) {
    let rows: Vec<Vec<String>> = include_str!("../../golden/derivative_peers.csv")
        .lines()
        .skip(1)
        .map(fields)
        .filter(|row| row[0] == library && row[2] == "1")
        .collect();
    let number = |text: &str| text.parse().unwrap_or(f64::NAN);
    let groups = rows.iter().map(|row| Group {
        random: row[1].starts_with("fuzz-"),
        cases: number(&row[3]),
        gross: number(&row[11]),
        coverage: number(&row[10]),
        evaluations: number(&row[8]),
    });
    (
        rows.iter().map(|row| row[1].clone()).collect(),
        groups.collect(),
    )
}

fn measured(names: &[String]) -> Vec<Group> {
    let mut found = Vec::new();
    for problems in [Problems::hard().unwrap(), Problems::random().unwrap()] {
        let rows = measure(&Measured::adaptive(), &problems).unwrap();
        for group in groups(&rows) {
            if names.contains(&group.name) {
                found.push(Group {
                    random: group.name.starts_with("fuzz-"),
                    cases: group.cases as f64,
                    gross: group.gross,
                    coverage: group.coverage,
                    evaluations: group.evaluations_median,
                });
            }
        }
    }
    found
}

/// The mean over the groups, weighted by their cases.
fn mean(groups: &[Group], random: bool, share: fn(&Group) -> f64) -> f64 {
    let of: Vec<&Group> = groups
        .iter()
        .filter(|g| g.random == random && !share(g).is_nan())
        .collect();
    let cases: f64 = of.iter().map(|g| g.cases).sum();
    of.iter().map(|g| share(g) * g.cases).sum::<f64>() / cases
}

/// The median over the groups, weighted by their cases.
fn median(groups: &[Group], random: bool) -> f64 {
    let mut of: Vec<&Group> = groups.iter().filter(|g| g.random == random).collect();
    of.sort_by(|a, b| a.evaluations.total_cmp(&b.evaluations));
    let half = of.iter().map(|g| g.cases).sum::<f64>() / 2.0;
    let mut below = 0.0;
    for group in of {
        below += group.cases;
        if below >= half {
            return group.evaluations;
        }
    }
    f64::NAN
}

#[test]
fn the_readme_compares_with_the_stored_rows() {
    let (names, _) = stored(PEERS[0].1);
    let mut columns = vec![measured(&names)];
    columns.extend(PEERS.iter().map(|(_, library)| stored(library).1));
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let row = |name: &str, cell: &dyn Fn(&[Group]) -> String| {
        let cells: Vec<String> = columns.iter().map(|groups| cell(groups)).collect();
        format!("| {name} | {} |", cells.join(" | "))
    };
    let header = format!(
        "| | numdiff | {} |",
        PEERS.map(|(column, _)| column).join(" | ")
    );
    let rows = [
        header,
        row("hard: error bars that hold", &|g| {
            percent(mean(g, false, |g| g.coverage))
        }),
        row("random: error bars that hold", &|g| {
            percent(mean(g, true, |g| g.coverage))
        }),
        row("hard: no value, or off by more than 10⁻³", &|g| {
            percent(mean(g, false, |g| g.gross))
        }),
        row("random: the same", &|g| percent(mean(g, true, |g| g.gross))),
        row("evaluations, hard / random", &|g| {
            format!("{} / {}", median(g, false).round(), median(g, true).round())
        }),
    ];
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let missing: Vec<&String> = rows.iter().filter(|row| !readme.contains(*row)).collect();
    assert!(missing.is_empty(), "README.md lacks\n{}", rows.join("\n"));
}
