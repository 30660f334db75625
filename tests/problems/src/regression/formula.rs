//! The formula language of the files of fits: parsed once, evaluated in the order written.

/// Numbers that a formula is evaluated in.
pub trait Scalar: Copy {
    /// The nearest number.
    fn from_f64(value: f64) -> Self;
    /// The same number.
    fn to_f64(self) -> f64;
    /// `self op other`, where op is one of + - * / ^.
    fn binary(self, op: u8, other: Self) -> Self;
    /// One of the functions by its number in `NAMES`.
    fn function(self, which: usize) -> Self;
}

const NAMES: [&str; 6] = ["exp", "log", "sin", "cos", "atan", "sqrt"];

macro_rules! scalar {
    ($t:ty) => {
        impl Scalar for $t {
            fn from_f64(value: f64) -> Self {
                value as $t
            }
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            fn binary(self, op: u8, other: Self) -> Self {
                match op {
                    b'+' => self + other,
                    b'-' => self - other,
                    b'*' => self * other,
                    b'/' => self / other,
                    _ if other == 2.0 => self * self,
                    _ => self.powf(other),
                }
            }
            fn function(self, which: usize) -> Self {
                match which {
                    0 => self.exp(),
                    1 => self.ln(),
                    2 => self.sin(),
                    3 => self.cos(),
                    4 => self.atan(),
                    _ => self.sqrt(),
                }
            }
        }
    };
}
scalar!(f64);
scalar!(f32);

/// A parsed formula in the parameters b1, b2, … and the predictors x or x1, x2, ….
#[derive(Clone, Debug)]
pub enum Formula {
    /// A number.
    Number(f64),
    /// Parameter, from 0.
    Parameter(usize),
    /// Predictor, from 0.
    Predictor(usize),
    /// The opposite.
    Negative(Box<Formula>),
    /// An operation.
    Binary(u8, Box<Formula>, Box<Formula>),
    /// A function.
    Function(usize, Box<Formula>),
}

impl Formula {
    /// Parses `text`.
    ///
    /// # Panics
    /// Where the text is not of the language.
    pub fn parse(text: &str) -> Formula {
        let mut parser = Parser {
            text: text.bytes().filter(|b| !b.is_ascii_whitespace()).collect(),
            at: 0,
        };
        let formula = parser.sum();
        assert_eq!(parser.at, parser.text.len(), "{text}");
        formula
    }

    /// The value at these parameters and predictors.
    pub fn eval<T: Scalar>(&self, b: &[T], x: &[T]) -> T {
        match self {
            Formula::Number(v) => T::from_f64(*v),
            Formula::Parameter(i) => b[*i],
            Formula::Predictor(i) => x[*i],
            Formula::Negative(a) => T::from_f64(0.0).binary(b'-', a.eval(b, x)),
            Formula::Binary(op, p, q) => p.eval(b, x).binary(*op, q.eval(b, x)),
            Formula::Function(k, a) => a.eval(b, x).function(*k),
        }
    }
}

struct Parser {
    text: Vec<u8>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn chain(&mut self, ops: &[u8], next: fn(&mut Self) -> Formula) -> Formula {
        let mut left = next(self);
        while ops.contains(&self.peek()) {
            let op = self.peek();
            self.at += 1;
            left = Formula::Binary(op, Box::new(left), Box::new(next(self)));
        }
        left
    }

    fn sum(&mut self) -> Formula {
        self.chain(b"+-", Self::product)
    }

    fn product(&mut self) -> Formula {
        self.chain(b"*/", Self::signed)
    }

    fn signed(&mut self) -> Formula {
        if self.peek() == b'-' {
            self.at += 1;
            return Formula::Negative(Box::new(self.signed()));
        }
        self.power()
    }

    fn power(&mut self) -> Formula {
        let base = self.atom();
        if self.peek() != b'^' {
            return base;
        }
        self.at += 1;
        Formula::Binary(b'^', Box::new(base), Box::new(self.signed()))
    }

    fn word(&mut self, of: fn(&u8) -> bool) -> String {
        let start = self.at;
        while self.text.get(self.at).is_some_and(of) {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.text[start..self.at]).into_owned()
    }

    fn atom(&mut self) -> Formula {
        if self.peek() == b'(' {
            self.at += 1;
            let inside = self.sum();
            assert_eq!(self.peek(), b')');
            self.at += 1;
            return inside;
        }
        if self.peek().is_ascii_digit() {
            let mut number = self.word(|b| b.is_ascii_digit() || *b == b'.');
            if self.peek() == b'e' {
                self.at += 1;
                number.push('e');
                number += &self.word(|b| b.is_ascii_digit() || *b == b'-' || *b == b'+');
            }
            return Formula::Number(number.parse().expect("a number"));
        }
        let name = self.word(u8::is_ascii_alphanumeric);
        if let Some(k) = NAMES.iter().position(|f| *f == name) {
            return Formula::Function(k, Box::new(self.atom()));
        }
        let index = |digits: &str| digits.parse::<usize>().map_or(0, |k| k - 1);
        match name.as_str() {
            "pi" => Formula::Number(std::f64::consts::PI),
            _ if name.starts_with('b') => Formula::Parameter(index(&name[1..])),
            _ => Formula::Predictor(index(&name[1..])),
        }
    }
}
