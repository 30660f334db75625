//! The tables: medians, ratios to peers, false verdicts, group by group.

use super::peers::stored;
use super::{Row, Solver};
use comfy_table::{Table, presets};
use numdiff_optim::Status;
use numdiff_problems::{mgh, plain};

/// A claim of success farther from the minimum than this share of the way is false.
const FALSE: f64 = 1e-3;

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    if n == 0 {
        f64::NAN
    } else {
        0.5 * (values[(n - 1) / 2] + values[n / 2])
    }
}

/// Evaluations / (n + 1) until tau number `k`; infinite where never.
pub(super) fn cost(row: &Row, k: usize) -> f64 {
    row.evaluations[k].map_or(f64::INFINITY, |e| e as f64 / (row.n + 1) as f64)
}

/// The median over the problems that both have rows for, of the ratio of evaluations at 1e-6.
fn ratio(rows: &[&Row], other: &Solver) -> f64 {
    let pairs = rows.iter().filter_map(|row| {
        let peer = other.rows.iter().find(|peer| peer.problem == row.problem)?;
        match (row.evaluations[1], peer.evaluations[1]) {
            (Some(a), Some(b)) => Some(a as f64 / b as f64),
            (Some(_), None) => Some(0.0),
            (None, Some(_)) => Some(f64::INFINITY),
            (None, None) => None,
        }
    });
    median(pairs.collect())
}

/// The groups of problems as tables of at most 80 columns; `full` adds every figure and every problem.
pub(super) fn print(solvers: &[Solver], ours: usize, full: bool) {
    let find = |name: &str| solvers.iter().find(|solver| solver.name == name);
    let stored = stored(solvers);
    let main: Vec<String> = mgh::main().into_iter().map(|p| p.id).collect();
    let larger: Vec<String> = mgh::larger().into_iter().map(|p| p.id).collect();
    type Group<'g> = (&'g str, Box<dyn Fn(&Row) -> bool + 'g>);
    let groups: [Group<'_>; 5] = [
        (
            "main problems that the peers have rows for",
            Box::new(|r| main.contains(&r.problem) && stored.contains(&r.problem)),
        ),
        ("all main problems", Box::new(|r| main.contains(&r.problem))),
        (
            "larger instances",
            Box::new(|r| larger.contains(&r.problem)),
        ),
        ("box-bounded", Box::new(|r| r.problem.ends_with("_box"))),
        (
            "no sums of squares",
            Box::new(|r| plain().iter().any(|p| p.id == r.problem)),
        ),
    ];
    for (title, belongs) in &groups {
        let mut table = Table::new();
        if !full {
            table.load_preset(presets::NOTHING);
            table.set_header(["solver", "solved", "cost", "BFGS", "L-BFGS-B", "false"]);
            for (k, solver) in solvers.iter().enumerate() {
                let rows: Vec<&Row> = solver.rows.iter().filter(|row| belongs(row)).collect();
                if !rows.is_empty() && (k < ours || !title.starts_with("all")) {
                    table.add_row(brief(
                        &solver.name,
                        &rows,
                        find("scipy-BFGS-2pt"),
                        find("scipy-LBFGSB-2pt"),
                    ));
                }
            }
            println!("\n{title}\n{table}");
            continue;
        }
        table.set_header([
            "solver",
            "problems",
            "solved 1e-3/6/9",
            "median evaluations/(n+1)",
            "within 10/25/50/100 at 1e-6",
            "ratio BFGS, L-BFGS-B",
            "false success, failure",
            "infeasible",
        ]);
        for (k, solver) in solvers.iter().enumerate() {
            let rows: Vec<&Row> = solver.rows.iter().filter(|row| belongs(row)).collect();
            if !rows.is_empty() && (k < ours || !title.starts_with("all")) {
                table.add_row(summary(
                    &solver.name,
                    &rows,
                    find("scipy-BFGS-2pt"),
                    find("scipy-LBFGSB-2pt"),
                ));
            }
        }
        println!("\n{title}\n{table}");
    }
    if !full {
        println!(
            "\nsolved: to 1e-6 of the way, of so many; cost: median evaluations / (n + 1);\n\
             BFGS, L-BFGS-B: median ratio of evaluations to scipy's; false: claims that are\n\
             wrong. --full prints every figure and every problem."
        );
        return;
    }
    if let Some(default) = solvers.first() {
        let mut table = Table::new();
        table.set_header([
            "problem", "1e-3", "1e-6", "1e-9", "total", "error", "status",
        ]);
        for row in &default.rows {
            let mut cells = vec![row.problem.clone()];
            cells.extend((0..3).map(|k| format!("{:.1}", cost(row, k))));
            cells.push(format!("{:.1}", row.total as f64 / (row.n + 1) as f64));
            cells.push(format!("{:.1e}", row.error));
            cells.push(row.status.as_ref().map_or(String::new(), Status::to_string));
            table.add_row(cells);
        }
        println!("\nnumdiff, evaluations / (n + 1)\n{table}");
    }
}

/// The figures of a solver that most readers want.
fn brief(name: &str, rows: &[&Row], bfgs: Option<&Solver>, lbfgsb: Option<&Solver>) -> [String; 6] {
    let solved = rows
        .iter()
        .filter(|row| row.evaluations[1].is_some())
        .count();
    let number = |v: f64| {
        if v.is_nan() {
            String::new()
        } else {
            format!("{v:.2}")
        }
    };
    let of = |peer: Option<&Solver>| peer.map_or(String::new(), |peer| number(ratio(rows, peer)));
    let claims = rows
        .iter()
        .filter(|row| row.status.as_ref().is_some_and(Status::is_success));
    let wrong = claims.filter(|row| row.error > FALSE).count();
    let known = rows.iter().all(|row| row.status.is_some());
    [
        name.to_string(),
        format!("{solved} of {}", rows.len()),
        format!(
            "{:.1}",
            median(rows.iter().map(|row| cost(row, 1)).collect())
        ),
        of(bfgs),
        of(lbfgsb),
        if known {
            wrong.to_string()
        } else {
            String::new()
        },
    ]
}

fn summary(
    name: &str,
    rows: &[&Row],
    bfgs: Option<&Solver>,
    lbfgsb: Option<&Solver>,
) -> Vec<String> {
    let solved = (0..3).map(|k| {
        rows.iter()
            .filter(|row| row.evaluations[k].is_some())
            .count()
            .to_string()
    });
    let medians = (0..3).map(|k| {
        format!(
            "{:.1}",
            median(rows.iter().map(|row| cost(row, k)).collect())
        )
    });
    let within = [10.0, 25.0, 50.0, 100.0].map(|limit| {
        let share =
            rows.iter().filter(|row| cost(row, 1) <= limit).count() as f64 / rows.len() as f64;
        format!("{:.0}", 100.0 * share)
    });
    let ratios = [bfgs, lbfgsb].map(|peer| peer.map_or(f64::NAN, |peer| ratio(rows, peer)));
    let verdicts = if rows.iter().all(|row| row.status.is_some()) {
        let claims = |row: &&&Row| row.status.as_ref().is_some_and(Status::is_success);
        let limited = |row: &Row| matches!(row.status, Some(Status::NoiseLimited { .. }));
        let wrong = rows
            .iter()
            .filter(claims)
            .filter(|row| row.error > FALSE)
            .count();
        let modest = rows
            .iter()
            .filter(|row| !claims(row) && !limited(row) && row.error <= 1e-9)
            .count();
        format!("{wrong}, {modest}")
    } else {
        String::new()
    };
    vec![
        name.into(),
        rows.len().to_string(),
        solved.collect::<Vec<String>>().join(" / "),
        medians.collect::<Vec<String>>().join(" / "),
        within.join(" / "),
        ratios
            .map(|r| {
                if r.is_nan() {
                    String::new()
                } else {
                    format!("{r:.2}")
                }
            })
            .join(" "),
        verdicts,
        rows.iter()
            .map(|row| row.infeasible)
            .sum::<usize>()
            .to_string(),
    ]
}
