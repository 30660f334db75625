//! `cargo xtask bench optim`: optimizers beside argmin, basin and scipy, as tables and as JSON rows.

use comfy_table::{CellAlignment, Table};
use serde_json::Value;

/// A table for each group.
pub fn tables(rows: &[Value], preset: &str) -> String {
    let of = |group: &str| -> Vec<&Value> {
        let belongs = |row: &&Value| row["id"].as_str().is_some_and(|id| id.starts_with(group));
        rows.iter().filter(belongs).collect()
    };
    let groups = [
        "lbfgs/",
        "values/",
        "values, larger/",
        "values, perturbed/",
        "gradient given/",
    ];
    let tables = groups.map(|group| table(&of(group), preset).to_string());
    tables.join("\n\n")
}

/// A line for each row, a column for each contestant.
fn table(rows: &[&Value], preset: &str) -> Table {
    let mut names: Vec<&str> = Vec::new();
    for name in rows
        .iter()
        .filter_map(|row| row["peers"].as_object())
        .flat_map(|peers| peers.keys())
    {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut table = Table::new();
    let header = ["", "unit", "numdiff"].into_iter().chain(names.clone());
    table.load_preset(preset).set_header(header);
    table
        .column_iter_mut()
        .skip(2)
        .for_each(|c| c.set_cell_alignment(CellAlignment::Right));
    for row in rows {
        let id = row["id"].as_str().unwrap_or_default();
        let id = id.split_once('/').map_or(id, |(_, rest)| rest);
        let mut cells = vec![id.to_owned(), row["unit"].as_str().unwrap_or("").to_owned()];
        cells.push(number(&row["numdiff"]));
        cells.extend(names.iter().map(|name| number(&row["peers"][*name])));
        table.add_row(cells);
    }
    table
}

/// A dash where a contestant did not get there.
fn number(value: &Value) -> String {
    match value.as_f64() {
        None => "–".into(),
        Some(v) if v.fract() == 0.0 || v.abs() >= 1000.0 => format!("{v:.0}"),
        Some(v) if v.abs() < 10.0 => format!("{v:.2}"),
        Some(v) => format!("{v:.1}"),
    }
}
