//! The formula language of the problem files: parsed once, evaluated in plain f64 in the order
//! written, so that rounding is that of the same expression typed by hand.
//!
//! A parser of our own, because the language has `**` that binds tighter than a unary minus,
//! comparisons inside `where(condition, a, b)`, and must not be folded or reordered.

use super::functions;

/// A parsed formula in the one variable `x`.
#[derive(Clone, Debug)]
pub struct Formula(Node);

/// A formula that is not of the language.
#[derive(Debug, thiserror::Error)]
#[error(
    "formula `{formula}`: {reason} at byte {position}; see the note inside the problem file for the language"
)]
pub struct FormulaError {
    formula: String,
    reason: String,
    position: usize,
}

impl Formula {
    /// Parses `text`.
    ///
    /// # Errors
    /// The first byte that does not fit the language.
    pub fn parse(text: &str) -> Result<Formula, FormulaError> {
        let mut parser = Parser {
            text: text.as_bytes(),
            at: 0,
        };
        let root = parser.comparison().and_then(|node| match parser.peek() {
            None => Ok(node),
            Some(byte) => Err(format!("unexpected `{}`", byte as char)),
        });
        root.map(Formula).map_err(|reason| FormulaError {
            formula: text.to_owned(),
            reason,
            position: parser.at,
        })
    }

    /// The value at `x`; NaN outside the domain.
    pub fn eval(&self, x: f64) -> f64 {
        self.0.eval(x)
    }

    /// The standard deviation of an additive term `constant * noise(x)`, where there is one.
    pub fn noise_level(&self) -> Option<f64> {
        self.0.noise_level()
    }
}

#[derive(Clone, Debug)]
enum Node {
    X,
    Literal(f64),
    Negative(Box<Node>),
    Binary(Binary, Box<Node>, Box<Node>),
    One(fn(f64) -> f64, Box<Node>),
    Two(fn(f64, f64) -> f64, Box<Node>, Box<Node>),
    Where(Box<[Node; 3]>),
}

#[derive(Clone, Copy, Debug)]
enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

impl Node {
    fn eval(&self, x: f64) -> f64 {
        match self {
            Node::X => x,
            Node::Literal(value) => *value,
            Node::Negative(a) => -a.eval(x),
            Node::Binary(op, a, b) => op.apply(a.eval(x), b.eval(x)),
            Node::One(f, a) => f(a.eval(x)),
            Node::Two(f, a, b) => f(a.eval(x), b.eval(x)),
            Node::Where(parts) => parts[if parts[0].eval(x) != 0.0 { 1 } else { 2 }].eval(x),
        }
    }
}

impl Node {
    fn noise_level(&self) -> Option<f64> {
        match self {
            Node::Binary(Binary::Add | Binary::Subtract, a, b) => {
                a.noise_level().or_else(|| b.noise_level())
            }
            Node::Binary(Binary::Multiply, a, b) => match (&**a, &**b) {
                // Uniform on [-1, 1): 1 / sqrt(3).
                (Node::Literal(c), Node::One(f, _)) if is_noise(*f) => {
                    Some(c.abs() / 3.0_f64.sqrt())
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// By its values: the address of a function is not its own.
fn is_noise(f: fn(f64) -> f64) -> bool {
    let same = |x: &f64| f(*x).to_bits() == functions::noise(*x).to_bits();
    [0.3, 0.7, 1.9].iter().all(same)
}

impl Binary {
    fn apply(self, a: f64, b: f64) -> f64 {
        let truth = |condition: bool| if condition { 1.0 } else { 0.0 };
        match self {
            Binary::Add => a + b,
            Binary::Subtract => a - b,
            Binary::Multiply => a * b,
            Binary::Divide => a / b,
            Binary::Power => a.powf(b),
            Binary::Less => truth(a < b),
            Binary::LessEqual => truth(a <= b),
            Binary::Greater => truth(a > b),
            Binary::GreaterEqual => truth(a >= b),
            Binary::Equal => truth(a == b),
            Binary::NotEqual => truth(a != b),
        }
    }
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
}

type Parsed = Result<Node, String>;

impl Parser<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    /// Takes `token` when it comes next.
    fn take(&mut self, token: &str) -> bool {
        self.peek();
        let found = self.text[self.at..].starts_with(token.as_bytes());
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) {
            Ok(())
        } else {
            Err(format!("expected `{token}`"))
        }
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        for (token, op) in [
            ("<=", Binary::LessEqual),
            (">=", Binary::GreaterEqual),
            ("==", Binary::Equal),
            ("!=", Binary::NotEqual),
            ("<", Binary::Less),
            (">", Binary::Greater),
        ] {
            if self.take(token) {
                return Ok(binary(op, left, self.sum()?));
            }
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        loop {
            if self.take("+") {
                left = binary(Binary::Add, left, self.product()?);
            } else if self.take("-") {
                left = binary(Binary::Subtract, left, self.product()?);
            } else {
                return Ok(left);
            }
        }
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.sign()?;
        loop {
            self.peek();
            if self.text[self.at..].starts_with(b"**") {
                return Err("`**` has no left operand".into());
            } else if self.take("*") {
                left = binary(Binary::Multiply, left, self.sign()?);
            } else if self.take("/") {
                left = binary(Binary::Divide, left, self.sign()?);
            } else {
                return Ok(left);
            }
        }
    }

    fn sign(&mut self) -> Parsed {
        if self.take("-") {
            // A literal is negated exactly; the node is kept so that -x**2 is -(x**2).
            return Ok(Node::Negative(Box::new(self.sign()?)));
        }
        if self.take("+") {
            return self.sign();
        }
        self.power()
    }

    fn power(&mut self) -> Parsed {
        let base = self.atom()?;
        if self.take("**") {
            // Right associative, and 2**-x is allowed.
            return Ok(binary(Binary::Power, base, self.sign()?));
        }
        Ok(base)
    }

    fn atom(&mut self) -> Parsed {
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                let inside = self.comparison()?;
                self.expect(")")?;
                Ok(inside)
            }
            Some(byte) if byte.is_ascii_digit() || byte == b'.' => self.literal(),
            Some(byte) if byte.is_ascii_alphabetic() => self.name(),
            Some(byte) => Err(format!("unexpected `{}`", byte as char)),
            None => Err("the formula ends early".into()),
        }
    }

    fn literal(&mut self) -> Parsed {
        let start = self.at;
        let mut previous = 0;
        while let Some(&byte) = self.text.get(self.at) {
            let exponent_sign = matches!(byte, b'+' | b'-') && matches!(previous, b'e' | b'E');
            if !(byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E') || exponent_sign) {
                break;
            }
            previous = byte;
            self.at += 1;
        }
        let text = String::from_utf8_lossy(&self.text[start..self.at]);
        text.parse()
            .map(Node::Literal)
            .map_err(|_| format!("`{text}` is no number"))
    }

    fn name(&mut self) -> Parsed {
        let start = self.at;
        while self
            .text
            .get(self.at)
            .is_some_and(u8::is_ascii_alphanumeric)
        {
            self.at += 1;
        }
        let name = String::from_utf8_lossy(&self.text[start..self.at]).into_owned();
        if self.peek() != Some(b'(') {
            return match name.as_str() {
                "x" => Ok(Node::X),
                "pi" => Ok(Node::Literal(std::f64::consts::PI)),
                "e" => Ok(Node::Literal(std::f64::consts::E)),
                "nan" => Ok(Node::Literal(f64::NAN)),
                "inf" => Ok(Node::Literal(f64::INFINITY)),
                _ => Err(format!("unknown name `{name}`")),
            };
        }
        self.at += 1;
        let mut arguments = vec![self.comparison()?];
        while self.take(",") {
            arguments.push(self.comparison()?);
        }
        self.expect(")")?;
        let count = arguments.len();
        let mut boxed = arguments.into_iter().map(Box::new);
        match (boxed.next(), boxed.next(), boxed.next(), boxed.next()) {
            (Some(a), None, ..) => match functions::one(&name) {
                Some(f) => Ok(Node::One(f, a)),
                None => Err(format!("no function `{name}` of one argument")),
            },
            (Some(a), Some(b), None, _) => match functions::two(&name) {
                Some(f) => Ok(Node::Two(f, a, b)),
                None => Err(format!("no function `{name}` of two arguments")),
            },
            (Some(a), Some(b), Some(c), None) if name == "where" => {
                Ok(Node::Where(Box::new([*a, *b, *c])))
            }
            _ => Err(format!("no function `{name}` of {count} arguments")),
        }
    }
}

fn binary(op: Binary, a: Node, b: Node) -> Node {
    Node::Binary(op, Box::new(a), Box::new(b))
}

#[cfg(test)]
mod tests {
    use super::Formula;

    fn at(text: &str, x: f64) -> f64 {
        Formula::parse(text).unwrap().eval(x)
    }

    #[test]
    fn binds_as_python_does() {
        assert_eq!(at("-x**2", 3.0), -9.0);
        assert_eq!(at("2**-x", 1.0), 0.5);
        assert_eq!(at("2**3**2", 0.0), 512.0);
        assert_eq!(at("7-3-2", 0.0), 2.0);
        assert_eq!(at("8/4/2", 0.0), 1.0);
        assert_eq!(at("1e-3*2.5E+2", 0.0), 1e-3 * 2.5e2);
        assert_eq!(at("where(x>=1, max(x, 4), abs(-x))", 1.0), 4.0);
        assert_eq!(at("where(x>=1, max(x, 4), abs(-x))", 0.5), 0.5);
    }

    #[test]
    fn rounds_in_the_order_written() {
        let x = 1.0 / 3.0;
        assert_eq!(
            at("exp(x)+10000000000-10000000000", x),
            x.exp() + 1e10 - 1e10
        );
        assert_eq!(
            at("(exp(x)-1-x)/x**2", x),
            (x.exp() - 1.0 - x) / x.powf(2.0)
        );
    }

    #[test]
    fn says_where_it_stops() {
        for text in [
            "",
            "x+",
            "1..2",
            "foo(x)",
            "x)",
            "sin(x",
            "x ** ** 2",
            "where(x,1)",
            "y",
        ] {
            assert!(Formula::parse(text).is_err(), "{text}");
        }
    }
}
