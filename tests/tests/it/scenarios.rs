//! The scenarios that `cargo xtask repro` runs.

use numdiff_tests::{Scenario, Trials, all, find};

/// Checks and property of one scenario; what disagrees is named with both values.
fn agrees(id: &str) {
    let scenario = find(id).unwrap_or_else(|| panic!("no scenario is called {id}"));
    let finding = (scenario.run)().unwrap_or_else(|failure| panic!("{id}: {failure}"));
    for check in &finding.checks {
        assert!(
            check.agrees,
            "{id}: {}: printed {:?}, computed {:?}, held against: {}",
            check.what, check.printed, check.computed, check.rule
        );
    }
    (scenario.property)(Trials::default()).unwrap_or_else(|failure| panic!("{id}: {failure}"));
}

macro_rules! scenarios {
    ($($name:ident: $id:literal,)*) => {
        $(#[test] fn $name() { agrees($id); })*

        #[test]
        fn every_scenario_is_tested() {
            let ids: Vec<&str> = all().iter().map(|scenario| scenario.id).collect();
            assert_eq!(ids, [$($id),*]);
        }
    };
}

scenarios! {
    numerical_derivative: "numerical-derivative",
    partial_derivatives: "partial-derivatives",
    gradient: "gradient",
    gradient_field: "gradient-field",
    gradient_descent: "gradient-descent",
    large_rate: "large-rate",
    tiny_rate: "tiny-rate",
    rate_sweep: "rate-sweep",
    simple_net: "simple-net",
    softmax_gradient: "softmax-gradient",
}

#[test]
fn numbers_count_from_one_and_every_text_is_there() {
    for (i, scenario) in all().iter().enumerate() {
        let Scenario {
            number,
            title,
            claim,
            formula,
            statement,
            ..
        } = scenario;
        assert_eq!(*number, i + 1);
        assert!(
            [title, claim, formula, statement]
                .iter()
                .all(|text| !text.is_empty())
        );
    }
}

#[test]
fn a_seed_fixes_the_cases() {
    use std::cell::RefCell;
    let drawn = |seed| {
        let cases = RefCell::new(Vec::new());
        let keep = |x: f64| {
            cases.borrow_mut().push(x);
            Ok(())
        };
        Trials { cases: 5, seed }.hold(0.0..1.0_f64, keep).unwrap();
        cases.into_inner()
    };
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
    assert_eq!(drawn(1).len(), 5);
}

#[test]
fn a_property_that_fails_is_reported_with_its_simplest_case() {
    let failure = Trials::default().hold(0..1000_i32, |x| {
        proptest::prop_assert!(x < 500, "too large");
        Ok(())
    });
    let text = failure.unwrap_err().to_string();
    assert!(text.contains("too large") && text.contains("500"), "{text}");
}
