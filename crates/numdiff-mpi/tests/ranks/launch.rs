//! Starting this program under `mpirun`.

use libtest_mimic::{Failed, Trial};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Names the case in the environment of a rank.
pub const CASE: &str = "NUMDIFF_MPI_CASE";

/// A program that runs this long hangs. The longest takes some seconds on an idle machine.
const HANGS: Duration = Duration::from_secs(120);

pub struct Launch {
    case: String,
    ranks: usize,
    options: Vec<String>,
}

pub fn trial(case: &str, ranks: usize, options: &[&str]) -> Launch {
    Launch {
        case: case.into(),
        ranks,
        options: options.iter().map(|option| option.to_string()).collect(),
    }
}

struct Ended {
    success: bool,
    output: String,
}

impl Launch {
    pub fn passes(self) -> Trial {
        self.check(|ended| ended.success)
    }

    /// The program fails, and says so.
    pub fn fails(self, with: &'static str) -> Trial {
        self.check(move |ended| !ended.success && ended.output.contains(with))
    }

    /// With `--enable-recovery`, `mpirun` succeeds whatever the ranks do.
    pub fn says(self, text: &'static str) -> Trial {
        self.check(move |ended| ended.output.contains(text))
    }

    /// `mpirun` reports which process ended; versions word it differently.
    pub fn fails_naming_rank_2(self) -> Trial {
        self.check(|ended| {
            let output = &ended.output;
            let named = ["rank 2", "],2]"].iter().any(|name| output.contains(name));
            !ended.success && named && !output.contains("a result all the same")
        })
    }

    fn check(self, holds: impl FnOnce(&Ended) -> bool + Send + 'static) -> Trial {
        let options = self.options.concat();
        let name = format!("{}::{}{options}", self.case, self.ranks);
        Trial::test(name, move || {
            let ended = self.run()?;
            if holds(&ended) {
                Ok(())
            } else {
                Err(format!("success: {}\n{}", ended.success, ended.output).into())
            }
        })
    }

    fn run(&self) -> Result<Ended, Failed> {
        let mut mpirun = Command::new("mpirun");
        mpirun
            .args(["--oversubscribe", "-n", &self.ranks.to_string()])
            .args(&self.options)
            // As root, too, such as in a container.
            .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
            .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
            .arg(std::env::current_exe()?)
            .env(CASE, &self.case)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = mpirun
            .spawn()
            .map_err(|error| format!("mpirun: {error}; install Open MPI"))?;
        let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
        let out = std::thread::spawn(move || read(out.as_mut()));
        let err = std::thread::spawn(move || read(err.as_mut()));
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if start.elapsed() > HANGS {
                child.kill()?;
                child.wait()?;
                break None;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let Some(status) = status else {
            return Err(format!("still running after {HANGS:?}").into());
        };
        let output = [out, err].map(|text| text.join().unwrap_or_default());
        Ok(Ended {
            success: status.success(),
            output: output.concat(),
        })
    }
}

fn read(from: Option<&mut impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What can't be read is missing in the message.
        let _ = from.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
