//! Sobol's sequence.

/// The first direction numbers of dimensions 2 to 21, by Joe and Kuo; the polynomials are the primitive ones in order.
const JOE_KUO: [&[u32]; 20] = [
    &[1],
    &[1, 3],
    &[1, 3, 1],
    &[1, 1, 1],
    &[1, 1, 3, 3],
    &[1, 3, 5, 13],
    &[1, 1, 5, 5, 17],
    &[1, 1, 5, 5, 5],
    &[1, 1, 7, 11, 19],
    &[1, 1, 5, 1, 1],
    &[1, 1, 1, 3, 11],
    &[1, 3, 5, 5, 31],
    &[1, 3, 3, 9, 7, 49],
    &[1, 1, 1, 15, 21, 21],
    &[1, 3, 1, 13, 27, 49],
    &[1, 1, 1, 15, 7, 5],
    &[1, 3, 1, 15, 13, 25],
    &[1, 1, 5, 5, 19, 61],
    &[1, 3, 7, 11, 23, 15, 103],
    &[1, 3, 7, 13, 13, 15, 69],
];

/// Binary digits of a coordinate.
const BITS: usize = 32;

/// The direction numbers of each dimension, and what is added to every point digit by digit.
pub(super) struct Sobol {
    directions: Vec<[u32; BITS]>,
    shifts: Vec<u32>,
}

impl Sobol {
    /// Of n dimensions; `draw` gives the shifts, and the direction numbers where the table ends.
    pub fn new(n: usize, draw: &mut dyn FnMut() -> u32) -> Self {
        let shifts = (0..n).map(|_| draw()).collect();
        let mut directions = Vec::with_capacity(n);
        if n > 0 {
            directions.push(std::array::from_fn(|k| 1 << (BITS - 1 - k)));
        }
        for (dimension, (degree, inner)) in (1..n).zip(primitive_polynomials()) {
            let first: Vec<u32> = match JOE_KUO.get(dimension - 1) {
                Some(known) => known.to_vec(),
                // Any odd number below 2^k will do as the k-th.
                None => (1..=degree).map(|k| (draw() % (1 << k)) | 1).collect(),
            };
            directions.push(direction_numbers(degree, inner, &first));
        }
        Sobol { directions, shifts }
    }

    /// The first `count` points in the unit cube, in the order of Gray's code.
    pub fn points(&self, count: usize) -> Vec<Vec<f64>> {
        let mut digits = self.shifts.clone();
        let mut points = Vec::with_capacity(count);
        for k in 1..=count {
            let coordinate = |d: &u32| (f64::from(*d) + 0.5) / 2f64.powi(BITS as i32);
            points.push(digits.iter().map(coordinate).collect());
            let bit = (k.trailing_zeros() as usize).min(BITS - 1);
            for (digits, directions) in digits.iter_mut().zip(&self.directions) {
                *digits ^= directions[bit];
            }
        }
        points
    }
}

/// The recurrence of a primitive polynomial: see Bratley and Fox, ACM TOMS 14 (1988) 88-100.
fn direction_numbers(degree: usize, inner: u32, first: &[u32]) -> [u32; BITS] {
    let mut numbers = [0; BITS];
    for k in 0..BITS {
        if k < degree {
            numbers[k] = first[k] << (BITS - 1 - k);
            continue;
        }
        numbers[k] = numbers[k - degree] ^ (numbers[k - degree] >> degree);
        for i in 1..degree {
            if inner >> (degree - 1 - i) & 1 == 1 {
                numbers[k] ^= numbers[k - i];
            }
        }
    }
    numbers
}

/// Polynomials over the field of two elements whose root generates all others: their degree and their coefficients
/// between the first and the last, in rising order.
fn primitive_polynomials() -> impl Iterator<Item = (usize, u32)> {
    (1usize..).flat_map(|degree| {
        let all = 0..1u32 << (degree - 1);
        all.filter(move |&inner| is_primitive(degree, inner))
            .map(move |inner| (degree, inner))
    })
}

/// Whether the powers of x run through all residues before they come back to 1.
fn is_primitive(degree: usize, inner: u32) -> bool {
    let polynomial = 1u64 << degree | u64::from(inner) << 1 | 1;
    let (mut power, mut order) = (1u64, 0u64);
    loop {
        power <<= 1;
        if power >> degree & 1 == 1 {
            power ^= polynomial;
        }
        order += 1;
        if power == 1 || order >= 1 << degree {
            return order == (1 << degree) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The polynomials of Joe and Kuo's table, and the first points of the sequence without a shift, as scipy has them.
    #[test]
    fn the_sequence_of_the_literature() {
        let known = [(1, 0), (2, 1), (3, 1), (3, 2), (4, 1), (4, 4), (5, 2)];
        assert_eq!(primitive_polynomials().take(7).collect::<Vec<_>>(), known);
        let mut none = || 0;
        let points = Sobol::new(3, &mut none).points(5);
        let half_a_digit = 0.5f64.powi(33);
        let expected = [
            [0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25],
            [0.25, 0.75, 0.75],
            [0.375, 0.375, 0.625],
        ];
        for (point, expected) in points.iter().zip(expected) {
            let off = point
                .iter()
                .zip(expected)
                .map(|(p, e)| p - e - half_a_digit);
            assert!(off.map(f64::abs).fold(0.0, f64::max) < 1e-15, "{point:?}");
        }
    }

    /// Far beyond the table every coordinate still meets each of 64 strata once.
    #[test]
    fn many_dimensions() {
        let mut state = 1u32;
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state
        };
        let points = Sobol::new(60, &mut draw).points(64);
        for i in 0..60 {
            let mut strata: Vec<usize> = points.iter().map(|p| (64.0 * p[i]) as usize).collect();
            strata.sort_unstable();
            assert_eq!(strata, (0..64).collect::<Vec<_>>(), "dimension {i}");
        }
    }
}
