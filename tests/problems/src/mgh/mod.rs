//! The thirty-five problems of Moré, Garbow and Hillstrom, one file each.

mod bard;
mod beale;
mod biggs;
mod boundary_value;
mod box_three;
mod boxed;
mod brown_almost_linear;
mod brown_badly_scaled;
mod brown_dennis;
mod broyden_banded;
mod broyden_tridiagonal;
mod chebyquad;
mod extended_powell_singular;
mod extended_rosenbrock;
mod freudenstein_roth;
mod gaussian;
mod gulf;
mod helical_valley;
mod integral_equation;
mod jennrich_sampson;
mod kowalik_osborne;
mod linear_full_rank;
mod linear_rank_one;
mod linear_rank_one_zero;
mod meyer;
mod osborne_one;
mod osborne_two;
mod penalty_one;
mod penalty_two;
mod powell_badly_scaled;
mod powell_singular;
mod rosenbrock;
mod trigonometric;
mod variably_dimensioned;
mod watson;
mod wood;

use crate::Problem;

pub use boxed::boxed;

/// All thirty-five at their standard dimensions and starts, in the order of the paper.
pub fn main() -> Vec<Problem> {
    vec![
        rosenbrock::problem(),
        freudenstein_roth::problem(),
        powell_badly_scaled::problem(),
        brown_badly_scaled::problem(),
        beale::problem(),
        jennrich_sampson::problem(),
        helical_valley::problem(),
        bard::problem(),
        gaussian::problem(),
        meyer::problem(),
        gulf::problem(),
        box_three::problem(),
        powell_singular::problem(),
        wood::problem(),
        kowalik_osborne::problem(),
        brown_dennis::problem(),
        osborne_one::problem(),
        biggs::problem(),
        osborne_two::problem(),
        watson::problem(6),
        extended_rosenbrock::problem(10),
        extended_powell_singular::problem(12),
        penalty_one::problem(4),
        penalty_two::problem(4),
        variably_dimensioned::problem(10),
        trigonometric::problem(10),
        brown_almost_linear::problem(10),
        boundary_value::problem(10),
        integral_equation::problem(10),
        broyden_tridiagonal::problem(10),
        broyden_banded::problem(10),
        linear_full_rank::problem(10),
        linear_rank_one::problem(10),
        linear_rank_one_zero::problem(10),
        chebyquad::problem(8),
    ]
}

/// Larger instances of the problems of variable dimension, n from 9 to 60.
pub fn larger() -> Vec<Problem> {
    vec![
        watson::problem(9),
        watson::problem(12),
        extended_rosenbrock::problem(20),
        extended_rosenbrock::problem(50),
        extended_powell_singular::problem(20),
        penalty_one::problem(10),
        penalty_two::problem(10),
        variably_dimensioned::problem(20),
        brown_almost_linear::problem(20),
        boundary_value::problem(30),
        integral_equation::problem(30),
        broyden_tridiagonal::problem(30),
        broyden_banded::problem(30),
        chebyquad::problem(9),
        chebyquad::problem(10),
        broyden_tridiagonal::problem(60),
        broyden_banded::problem(60),
    ]
}
