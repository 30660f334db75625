//! Noise in f where derivatives are doubtful.

use super::compare::Comparison;
use super::line::{Sweep, own_scale};
use super::numeric::Question;
use super::opinions::SECOND_OPINIONS;
use crate::{Function, Status};

/// Noise below this many units in the last place of f is rounding.
const ROUNDING: f64 = 256.0;

/// Noise in f, as far as it was looked for.
pub(super) struct Levels {
    /// Of each output.
    pub noise: Vec<f64>,
    /// Noise of an output none of whose entries could be checked; or that changes less over x than
    /// ten times its noise, and whose error bars leave most entries open; or whose derivative can't be
    /// told from zero, though it claims changes above the noise, or a hundredth of x changes the
    /// output by less than the noise.
    pub hidden: Option<f64>,
}

/// Looks for noise in the outputs whose derivatives are doubtful.
pub(super) fn levels<O: Question, F: Function>(
    operator: &O,
    c: &Comparison,
    sweep: &mut Sweep<'_, F>,
    spread: &[f64],
) -> Levels {
    let n = sweep.x.len();
    let mut levels = Levels {
        noise: spread.to_vec(),
        hidden: None,
    };
    let mut outputs: Vec<(usize, bool)> = Vec::new();
    for k in 0..c.len() {
        let rough = matches!(
            c.numeric.status[k],
            Status::NoiseLimited { .. } | Status::Unreliable | Status::NotSmooth
        );
        let output = operator.line(n, k).map_or(0, |(_, output)| output);
        if rough || c.wrong[k] || spread[output] > 0.0 {
            // A derivative of zero is not hidden: there is nothing to tell.
            let claimed = c.analytic[k] != 0.0;
            match outputs.iter().position(|(known, _)| *known == output) {
                Some(at) => outputs[at].1 |= claimed,
                None if outputs.len() < SECOND_OPINIONS => outputs.push((output, claimed)),
                None => {}
            }
        }
    }
    for (output, claimed) in outputs {
        let (jitter, [near, far]) = sweep.noise_and_signals(output);
        let rounding = ROUNDING * f64::EPSILON * sweep.base[output].abs();
        let level = jitter.max(spread[output]);
        levels.noise[output] = level;
        if !claimed {
            continue;
        }
        let (mut entries, mut checked, mut resolved) = (0, 0, 0);
        // What the entries say of the change of f over the scale of x.
        let (mut change, mut telling) = (0.0_f64, false);
        for k in (0..c.len()).filter(|&k| c.analytic[k] != 0.0) {
            let line = operator.line(n, k);
            if line.is_none_or(|(_, of)| of == output) {
                let coordinate = line.and_then(|(coordinate, _)| coordinate);
                change = change
                    .max(coordinate.map_or(0.0, |i| c.analytic[k].abs() * own_scale(sweep.x[i])));
                telling |= c.wrong[k];
                telling |= c.is_checked(k) && c.analytic[k].abs() > c.tolerance(k);
                entries += 1;
                checked += usize::from(c.is_checked(k));
                resolved += usize::from(c.is_resolved(k));
            }
        }
        let lost = far.max(near) <= 10.0 * level && 2 * resolved < entries;
        let open = (change > level || near <= level) && !telling;
        if checked == 0 || level > rounding && (lost || open) {
            levels.hidden = Some(level);
        }
    }
    levels
}
