//! Rows summed up by group.

use super::case::Row;

/// A group of cases summed up. Shares are of the cases that have a derivative; numbers that do not
/// apply are NaN.
#[derive(Clone, Debug)]
pub struct Group {
    /// Name, or `all`.
    pub name: String,
    /// Cases that have a derivative.
    pub cases: usize,
    /// Median relative error.
    pub median_relative: f64,
    /// 90th percentile.
    pub p90_relative: f64,
    /// Largest.
    pub worst_relative: f64,
    /// Median error over the limit of stencils of order 8.
    pub median_over_limit: f64,
    /// Median of the evaluations.
    pub evaluations_median: f64,
    /// 90th percentile.
    pub evaluations_p90: f64,
    /// Share with error <= estimate.
    pub coverage: f64,
    /// The same, 2 ulp(scale) and the inherent error allowed.
    pub coverage_adjusted: f64,
    /// Median estimate / error, where the error is not 0.
    pub tightness_median: f64,
    /// Share with a relative error above 1e-3.
    pub gross: f64,
    /// Those of them that nothing announced.
    pub gross_unflagged: f64,
    /// Share without a value.
    pub no_value: f64,
    /// Share with a relative error above 1e-6.
    pub above_1e6: f64,
    /// Share of the cases without a derivative where the answer says so.
    pub undefined_told: f64,
}

/// Every group in order of appearance, then `all`.
pub fn groups(rows: &[Row]) -> Vec<Group> {
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.group.as_str()) {
            names.push(&row.group);
        }
    }
    names
        .into_iter()
        .map(|name| Group::of(name, rows.iter().filter(|row| row.group == name)))
        .chain(std::iter::once(Group::of("all", rows.iter())))
        .collect()
}

impl Group {
    fn of<'r>(name: &str, rows: impl Iterator<Item = &'r Row>) -> Group {
        let (missing, rows): (Vec<&Row>, Vec<&Row>) = rows.partition(|row| row.undefined);
        let collect = |number: fn(&Row) -> f64| -> Vec<f64> {
            rows.iter()
                .map(|row| number(row))
                .filter(|v| !v.is_nan())
                .collect()
        };
        let mut relative = collect(|row| row.relative);
        let mut over = collect(|row| row.over_limit);
        let mut evaluations = collect(|row| row.evaluations);
        let mut tightness = collect(|row| row.tightness);
        let share = |rows: &[&Row], holds: fn(&Row) -> bool| {
            rows.iter().filter(|row| holds(row)).count() as f64 / rows.len() as f64
        };
        let barred: Vec<&Row> = rows
            .iter()
            .copied()
            .filter(|row| row.has_estimate())
            .collect();
        Group {
            name: name.into(),
            cases: rows.len(),
            median_relative: quantile(&mut relative, 0.5),
            p90_relative: quantile(&mut relative, 0.9),
            worst_relative: quantile(&mut relative, 1.0),
            median_over_limit: quantile(&mut over, 0.5),
            evaluations_median: quantile(&mut evaluations, 0.5),
            evaluations_p90: quantile(&mut evaluations, 0.9),
            coverage: share(&barred, |row| row.covered),
            coverage_adjusted: share(&barred, |row| row.covered_adjusted),
            tightness_median: quantile(&mut tightness, 0.5),
            gross: share(&rows, Row::is_gross),
            gross_unflagged: share(&rows, |row| row.is_gross() && !row.flagged),
            no_value: share(&rows, |row| row.value.is_nan()),
            above_1e6: share(&rows, |row| !(row.relative <= 1e-6)),
            undefined_told: share(&missing, |row| row.flagged || !row.value.is_finite()),
        }
    }
}

/// The quantile of a sample by linear interpolation between order statistics (Hyndman and Fan 1996,
/// definition 7); NaN of nothing.
pub(super) fn quantile(sample: &mut [f64], p: f64) -> f64 {
    if sample.is_empty() {
        return f64::NAN;
    }
    sample.sort_by(f64::total_cmp);
    let at = (sample.len() - 1) as f64 * p;
    let (below, above) = (sample[at.floor() as usize], sample[at.ceil() as usize]);
    if below == above {
        below
    } else {
        below + (above - below) * at.fract()
    }
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(&mut [1.0, 2.0], 0.5), 1.5);
        assert_eq!(quantile(&mut [0.0, 10.0], 0.9), 9.0);
        assert_eq!(quantile(&mut [1.0, f64::INFINITY], 1.0), f64::INFINITY);
        assert!(quantile(&mut [], 0.5).is_nan());
    }
}
