//! scipy, whose f asks this program for its values: one definition of the problems, one counter.

use crate::counted::Counted;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const SCRIPT: &str = include_str!("../../../peers/scipy_minimize.py");

pub struct Scipy {
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Scipy {
    /// `None` without Python or scipy.
    pub fn start() -> Option<Self> {
        let mut child = Command::new("python3")
            .args(["-u", "-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let ask = child.stdin.take()?;
        let mut answers = BufReader::new(child.stdout.take()?);
        let mut ready = String::new();
        answers.read_line(&mut ready).ok()?;
        (ready.trim() == "ready").then_some(Scipy {
            child,
            ask,
            answers,
        })
    }

    /// Minimizes until the budget of `counted` ends the run, or scipy does.
    pub fn minimize(&mut self, counted: &Counted<'_>, method: &str, gradient: bool) {
        let derivative = if gradient { "gradient" } else { "differences" };
        let start = numbers(&counted.start());
        let _ = writeln!(self.ask, "{method} {derivative} {start}");
        loop {
            let mut line = String::new();
            if !matches!(self.answers.read_line(&mut line), Ok(1..)) || line.trim() == "done" {
                return;
            }
            let mut words = line.split_whitespace();
            let what = words.next();
            let x: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
            let answer = if what == Some("g") {
                counted.gradient(&x)
            } else {
                counted.value(&x).map(|value| vec![value])
            };
            let answer = answer.map_or("stop".into(), |answer| numbers(&answer));
            let _ = writeln!(self.ask, "{answer}");
        }
    }
}

fn numbers(values: &[f64]) -> String {
    let words: Vec<String> = values.iter().map(|v| format!("{v:e}")).collect();
    words.join(" ")
}

impl Drop for Scipy {
    fn drop(&mut self) {
        // The script ends with its input; a process that does not must not outlive this one.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
