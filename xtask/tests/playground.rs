//! The panel of the report, driven in a browser: its runs are the tutorial's, bit for bit.

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

fn chromium() -> Command {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = names.into_iter().find(|name| {
        let mut command = Command::new(name);
        command
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    });
    Command::new(found.expect("Chromium is installed"))
}

#[test]
#[ignore = "needs Chromium, which .ci/run installs"]
fn the_panels_runs_are_the_tutorials_to_the_last_bit() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("playground");
    let made = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["repro", "--cases", "1", "--out"])
        .arg(&folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let report = std::fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(
        !report.contains("src=\"http") && !report.contains("href=\"http"),
        "the report asks for something"
    );
    let script = format!("<script>{}</script></body>", include_str!("playground.js"));
    let page = folder.join("driven.html");
    std::fs::write(&page, report.replace("</body>", &script)).unwrap();
    for width in [390, 1280] {
        let output = chromium()
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--virtual-time-budget=10000",
            ])
            .arg(format!("--window-size={width},900"))
            .arg("--dump-dom")
            .arg(format!("file://{}", page.display()))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let seen = text
            .split("<pre id=\"seen\">")
            .nth(1)
            .and_then(|rest| rest.split("</pre>").next())
            .unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let seen: Value = serde_json::from_str(seen).unwrap();

        let golden = include_str!("../../tests/golden/article.json");
        let golden: Value = serde_json::from_str(golden).unwrap();
        let golden = golden["gradient_descent"]["runs"].as_array().unwrap();
        let runs = seen["runs"].as_array().unwrap();
        assert_eq!(runs.len(), golden.len());
        for (run, golden) in runs.iter().zip(golden) {
            assert_eq!(run["rate"].as_f64(), golden["lr"].as_f64());
            assert_eq!(run["updates"], golden["steps"]);
            let bits: Vec<&Value> = golden["final"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| &v["bits"])
                .collect();
            assert_eq!(run["bits"], json!(bits), "rate {}", run["rate"]);
        }
        assert_eq!(seen["buttons"], json!(["converges", "frozen", "stalls"]));
        assert_eq!(seen["small"], "frozen");
        assert_eq!(seen["swinging"], "oscillates");
        assert_eq!(seen["large"], "diverges");
        assert_eq!(seen["refused"], "true");
        assert_eq!(
            (&seen["moved"], &seen["focused"]),
            (&json!("-2.9"), &json!(true))
        );
        assert_eq!(seen["others"], json!([true, true]));
        assert_eq!(
            seen["wide"], true,
            "the page is wider than a screen of {width} pixels"
        );
    }
}
