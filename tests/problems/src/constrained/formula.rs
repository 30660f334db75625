//! The formula language of `hs.json`: arithmetic, sums over integers, named arrays and definitions.

use std::collections::HashMap;

/// What a formula refers to by name: x is array 0, then the constants and the definitions so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    scalars: HashMap<String, usize>,
    arrays: HashMap<String, usize>,
    scalar_count: usize,
    array_count: usize,
}

impl Names {
    pub fn scalar(&mut self, name: &str) -> usize {
        let slot = self.scalar_count;
        self.scalar_count += 1;
        self.scalars.insert(name.into(), slot);
        slot
    }

    pub fn array(&mut self, name: &str) -> usize {
        let slot = self.array_count;
        self.array_count += 1;
        self.arrays.insert(name.into(), slot);
        slot
    }
}

/// The values of the names during an evaluation.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    pub scalars: Vec<f64>,
    pub arrays: Vec<Vec<f64>>,
}

impl Values {
    pub fn new(names: &Names) -> Self {
        Values {
            scalars: vec![0.0; names.scalar_count],
            arrays: vec![Vec::new(); names.array_count],
        }
    }
}

#[derive(Clone, Debug)]
enum Node {
    Number(f64),
    Scalar(usize),
    Element(usize, Box<Node>),
    Negative(Box<Node>),
    Binary(fn(f64, f64) -> f64, Box<Node>, Box<Node>),
    One(fn(f64) -> f64, Box<Node>),
    Sum(usize, Box<[Node; 3]>),
    Where(fn(f64, f64) -> bool, Box<[Node; 4]>),
}

/// A parsed formula.
#[derive(Clone, Debug)]
pub(super) struct Formula(Node);

impl Formula {
    /// Parses `text`.
    ///
    /// # Panics
    /// Where the text is not of the language: the files are part of this repository.
    pub fn parse(text: &str, names: &mut Names) -> Self {
        let mut parser = Parser {
            text: text.as_bytes(),
            at: 0,
            names,
        };
        let node = parser.sum();
        assert!(parser.peek().is_none(), "`{text}` at byte {}", parser.at);
        Formula(node)
    }

    pub fn value(&self, values: &mut Values) -> f64 {
        self.0.value(values)
    }
}

impl Node {
    fn value(&self, v: &mut Values) -> f64 {
        match self {
            Node::Number(number) => *number,
            Node::Scalar(slot) => v.scalars[*slot],
            Node::Element(array, index) => {
                let index = index.value(v) as usize;
                v.arrays[*array][index]
            }
            Node::Negative(a) => -a.value(v),
            Node::Binary(f, a, b) => {
                let a = a.value(v);
                f(a, b.value(v))
            }
            Node::One(f, a) => f(a.value(v)),
            Node::Sum(slot, parts) => {
                let (first, last) = (parts[0].value(v) as i64, parts[1].value(v) as i64);
                let mut sum = 0.0;
                for i in first..=last {
                    v.scalars[*slot] = i as f64;
                    sum += parts[2].value(v);
                }
                sum
            }
            Node::Where(holds, parts) => {
                let a = parts[0].value(v);
                let chosen = if holds(a, parts[1].value(v)) { 2 } else { 3 };
                parts[chosen].value(v)
            }
        }
    }
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    names: &'t mut Names,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn take(&mut self, token: &str) -> bool {
        self.peek();
        let found = self.text[self.at..].starts_with(token.as_bytes());
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn expect(&mut self, token: &str) {
        let text = String::from_utf8_lossy(self.text).into_owned();
        assert!(self.take(token), "`{text}`: no `{token}` at {}", self.at);
    }

    fn sum(&mut self) -> Node {
        let mut left = self.product();
        loop {
            if self.take("+") {
                left = binary(|a, b| a + b, left, self.product());
            } else if self.take("-") {
                left = binary(|a, b| a - b, left, self.product());
            } else {
                return left;
            }
        }
    }

    fn product(&mut self) -> Node {
        let mut left = self.sign();
        loop {
            if self.take("*") {
                left = binary(|a, b| a * b, left, self.sign());
            } else if self.take("/") {
                left = binary(|a, b| a / b, left, self.sign());
            } else {
                return left;
            }
        }
    }

    fn sign(&mut self) -> Node {
        if self.take("-") {
            return Node::Negative(Box::new(self.sign()));
        }
        let base = self.atom();
        if self.take("^") {
            return binary(f64::powf, base, self.sign());
        }
        base
    }

    fn atom(&mut self) -> Node {
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                let inside = self.sum();
                self.expect(")");
                inside
            }
            Some(byte) if byte.is_ascii_digit() => self.literal(),
            _ => self.named(),
        }
    }

    fn literal(&mut self) -> Node {
        let start = self.at;
        let mut previous = 0;
        while let Some(&byte) = self.text.get(self.at) {
            // The dots of `a..b` are no part of a number.
            let range = byte == b'.' && self.text.get(self.at + 1) == Some(&b'.');
            let sign = matches!(byte, b'+' | b'-') && matches!(previous, b'e' | b'E');
            let digit = byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E') || sign;
            if range || !digit {
                break;
            }
            previous = byte;
            self.at += 1;
        }
        let text = String::from_utf8_lossy(&self.text[start..self.at]);
        match text.parse() {
            Ok(number) => Node::Number(number),
            Err(_) => panic!("`{text}` is no number"),
        }
    }

    fn identifier(&mut self) -> String {
        self.peek();
        let start = self.at;
        while self
            .text
            .get(self.at)
            .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
        {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.text[start..self.at]).into_owned()
    }

    fn named(&mut self) -> Node {
        let name = self.identifier();
        if self.take("[") {
            let array = self.names.arrays[&name];
            let index = Box::new(self.sum());
            self.expect("]");
            return Node::Element(array, index);
        }
        if self.take("(") {
            let node = self.call(&name);
            self.expect(")");
            return node;
        }
        if name == "pi" {
            return Node::Number(std::f64::consts::PI);
        }
        if let Some(&slot) = self.names.scalars.get(&name) {
            return Node::Scalar(slot);
        }
        match name.strip_prefix('x').and_then(|index| index.parse().ok()) {
            Some(index) => Node::Element(0, Box::new(Node::Number(index))),
            None => panic!("no value has the name `{name}`"),
        }
    }

    fn call(&mut self, name: &str) -> Node {
        match name {
            "sum" => {
                let variable = self.identifier();
                self.expect("=");
                let first = self.sum();
                self.expect("..");
                let last = self.sum();
                self.expect(",");
                let outer = self.names.scalars.get(&variable).copied();
                let slot = self.names.scalar(&variable);
                let body = self.sum();
                match outer {
                    Some(outer) => self.names.scalars.insert(variable, outer),
                    None => self.names.scalars.remove(&variable),
                };
                Node::Sum(slot, Box::new([first, last, body]))
            }
            "where" => {
                let a = self.sum();
                let holds: fn(f64, f64) -> bool = if self.take("<=") {
                    |a, b| a <= b
                } else if self.take(">=") {
                    |a, b| a >= b
                } else if self.take("<") {
                    |a, b| a < b
                } else {
                    self.expect(">");
                    |a, b| a > b
                };
                let b = self.sum();
                self.expect(",");
                let yes = self.sum();
                self.expect(",");
                Node::Where(holds, Box::new([a, b, yes, self.sum()]))
            }
            "min" | "max" => {
                let a = self.sum();
                self.expect(",");
                let f = if name == "min" { f64::min } else { f64::max };
                binary(f, a, self.sum())
            }
            _ => {
                let f: fn(f64) -> f64 = match name {
                    "exp" => f64::exp,
                    "log" => f64::ln,
                    "sqrt" => f64::sqrt,
                    "sin" => f64::sin,
                    "cos" => f64::cos,
                    "tan" => f64::tan,
                    "atan" => f64::atan,
                    "abs" => f64::abs,
                    _ => panic!("no function has the name `{name}`"),
                };
                Node::One(f, Box::new(self.sum()))
            }
        }
    }
}

fn binary(f: fn(f64, f64) -> f64, a: Node, b: Node) -> Node {
    Node::Binary(f, Box::new(a), Box::new(b))
}
