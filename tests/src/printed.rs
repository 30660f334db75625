//! Numbers as NumPy prints them.

/// Whether `computed` would be printed as `printed` by NumPy: an array (in brackets) with up to
/// eight decimals, trailing zeros dropped, a scalar with as many digits as tell it from its
/// neighbors.
///
/// ```
/// use numdiff_tests::agrees_with_numpy;
/// assert!(agrees_with_numpy("[6. 8.]", &[6.00000000000378, 7.999999999999119]));
/// assert!(agrees_with_numpy("[-2.58983747e+13 -1.29524862e+12]", &[-25898374737328.363, -1295248616896.5398]));
/// assert!(agrees_with_numpy("6.00000000000378", &[6.00000000000378]));
/// assert!(!agrees_with_numpy("6.00000000000378", &[6.000000000003781]));
/// assert!(!agrees_with_numpy("[0.11390895]", &[0.113908941]));
/// assert!(!agrees_with_numpy("[6. 8.]", &[6.0]));
/// ```
pub fn agrees_with_numpy(printed: &str, computed: &[f64]) -> bool {
    let array = printed.contains('[');
    let tokens = tokens(printed);
    tokens.len() == computed.len()
        && tokens
            .iter()
            .zip(computed)
            .all(|(token, &value)| match (array, token.split_once('e')) {
                (false, _) => token.parse() == Ok(value),
                (true, None) => padded(token) == format!("{value:.8}"),
                (true, Some((mantissa, exponent))) => {
                    let ours = format!("{value:.8e}");
                    let (digits, power) = ours.split_once('e').unwrap_or((&ours, "0"));
                    padded(mantissa) == digits
                        && exponent.parse::<i32>().ok() == power.parse::<i32>().ok()
                }
            })
}

/// The numbers in `printed`, as printed.
pub(crate) fn tokens(printed: &str) -> Vec<&str> {
    printed
        .split(|c: char| c.is_whitespace() || c == '[' || c == ']' || c == ',')
        .filter(|token| !token.is_empty())
        .collect()
}

/// `token` with its dropped zeros put back: "6." is "6.00000000".
fn padded(token: &str) -> String {
    let decimals = token
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len());
    format!("{token}{}", "0".repeat(8_usize.saturating_sub(decimals)))
}
