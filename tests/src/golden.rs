//! The golden file `golden/article.json`.

use crate::Failure;
use serde_json::Value;

/// A place in the golden file; see `golden/README.md` for where its numbers come from.
#[derive(Clone, Debug)]
pub struct Golden {
    value: Value,
    path: String,
}

impl Golden {
    /// The whole file.
    pub fn article() -> Result<Self, Failure> {
        let text = include_str!("../golden/article.json");
        Ok(Self {
            value: serde_json::from_str(text)
                .map_err(|error| Failure::Golden(format!("not JSON: {error}")))?,
            path: String::new(),
        })
    }

    /// The place named by a JSON pointer such as `/gradient/others/0/value`.
    pub fn at(&self, pointer: &str) -> Result<Self, Failure> {
        let path = format!("{}{pointer}", self.path);
        match self.value.pointer(pointer) {
            Some(value) => Ok(Self {
                value: value.clone(),
                path,
            }),
            None => Err(Failure::Golden(format!("nothing at {path}"))),
        }
    }

    /// The numbers here, row by row. A number given in decimal and as IEEE bits must be the same
    /// in both.
    pub fn numbers(&self) -> Result<Vec<f64>, Failure> {
        let mut numbers = Vec::new();
        self.collect(&self.value, &mut numbers)?;
        Ok(numbers)
    }

    /// The number here.
    pub fn number(&self) -> Result<f64, Failure> {
        match self.numbers()?[..] {
            [number] => Ok(number),
            _ => Err(Failure::Golden(format!("{} is not one number", self.path))),
        }
    }

    /// The text here.
    pub fn text(&self) -> Result<&str, Failure> {
        let wrong = || Failure::Golden(format!("{} is not text", self.path));
        self.value.as_str().ok_or_else(wrong)
    }

    fn collect(&self, value: &Value, numbers: &mut Vec<f64>) -> Result<(), Failure> {
        let wrong = |what: &str| Failure::Golden(format!("{}: {what} {value}", self.path));
        match value {
            Value::Number(number) => numbers.extend(number.as_f64()),
            Value::String(text) => {
                numbers.push(text.parse().map_err(|_| wrong("not a number:"))?);
            }
            Value::Array(entries) => {
                for entry in entries {
                    self.collect(entry, numbers)?;
                }
            }
            Value::Object(fields) => {
                let field = |name: &str| fields.get(name).and_then(Value::as_str);
                let decimal: f64 = field("dec")
                    .and_then(|text| text.parse().ok())
                    .ok_or_else(|| wrong("no decimal in"))?;
                let bits = field("bits")
                    .and_then(|text| u64::from_str_radix(text.trim_start_matches("0x"), 16).ok())
                    .ok_or_else(|| wrong("no bits in"))?;
                if decimal.to_bits() != bits {
                    return Err(wrong("decimal and bits differ in"));
                }
                numbers.push(decimal);
            }
            Value::Null | Value::Bool(_) => return Err(wrong("not a number:")),
        }
        Ok(())
    }
}
