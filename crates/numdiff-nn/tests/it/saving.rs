//! Saved networks come back with the same bits, and damaged files are refused.

use ndarray::Array2;
use numdiff_nn::{BatchNorm, Conv2d, Dense, Error, Image, Layer, Network};
use proptest::prelude::*;

use crate::networks::recipe;

#[derive(Clone, Debug)]
struct Own;

impl Layer<f64> for Own {
    fn name(&self) -> String {
        "Own".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.to_owned()
    }
}

fn saved() -> String {
    let network = Network::builder()
        .layer(Dense::new(2, 1))
        .weights(&[0.1, -2.0 / 3.0, 1e-300])
        .unwrap();
    let mut file = Vec::new();
    network.save(&mut file).unwrap();
    String::from_utf8(file).unwrap()
}

/// Loads a file that was changed on purpose: with the checksum that the error names.
fn load(text: &str) -> Result<Network, Error> {
    match Network::load(text.as_bytes()) {
        Err(Error::Saved {
            what: "checksum",
            found,
            expected,
        }) => {
            let right = expected.split(',').next().unwrap();
            Network::load(text.replace(&found, right).as_bytes())
        }
        said => said,
    }
}

/// One digit of a weight makes another network.
#[test]
fn damage_is_noticed_wherever_it_is() {
    let text = saved();
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() {
            let mut damaged = text.clone().into_bytes();
            damaged[at] = if byte == b'3' { b'4' } else { b'3' };
            let damaged = Network::<f64>::load(&damaged[..]);
            assert!(damaged.is_err(), "byte {at} of {text}");
        }
    }
    // How it is written does not matter.
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let loaded = Network::<f64>::load(pretty.as_bytes()).unwrap();
    assert_eq!(loaded.parameters(), [0.1, -2.0 / 3.0, 1e-300]);
}

/// The statistics of a batch normalization that a file claims.
#[test]
fn statistics_that_can_not_be_are_clear_errors() {
    let network = Network::<f64>::builder()
        .layer(BatchNorm::new(2))
        .weights(&[1.0, 1.0, 0.0, 0.0])
        .unwrap();
    let data = ndarray::array![[1.0, 2.0], [3.0, 2.0]];
    let mut file = Vec::new();
    network.inference(&data).unwrap().save(&mut file).unwrap();
    let text = String::from_utf8(file).unwrap();
    let fixed = "\"fixed\":[[2.0,1.0],[2.0,0.0]]";
    assert!(text.contains(fixed) && load(&text).is_ok());
    for claim in ["[]", "[[2.0,1.0]]", "[[2.0,1.0],[2.0,-1.0]]"] {
        let text = text.replace(fixed, &format!("\"fixed\":{claim}"));
        assert!(matches!(load(&text), Err(Error::Setting { .. })), "{claim}");
    }
}

#[test]
fn damaged_files_are_clear_errors() {
    let text = saved();
    assert!(load(&text).is_ok());
    for end in [0, 1, text.len() / 2, text.len() - 1] {
        assert!(
            matches!(load(&text[..end]), Err(Error::Json { .. })),
            "{end}"
        );
    }
    assert!(matches!(
        load(&text.replace("\"version\":2", "\"version\":1")),
        Err(Error::Saved {
            what: "version",
            ..
        })
    ));
    assert!(matches!(
        load("{\"format\":\"other\"}"),
        Err(Error::Saved { what: "format", .. })
    ));
    assert!(matches!(
        load("[1, 2]"),
        Err(Error::Saved { what: "format", .. })
    ));
    assert!(matches!(
        load(&text.replace("[2,1]", "[1,2]")),
        Err(Error::Saved { what: "blocks", .. })
    ));
    assert!(matches!(
        load(&text.replace("1e-300", "1e-300,4.0")),
        Err(Error::Length {
            found: 4,
            expected: 3,
            ..
        })
    ));
    assert!(matches!(
        load(&text.replace("1e-300", "1e999")),
        Err(Error::Json { .. })
    ));
    assert!(matches!(
        load(&text.replace("1e-300", "null")),
        Err(Error::Json { .. })
    ));
    assert!(matches!(
        load(&text.replacen("\"inputs\":2,", "\"inputs\":7,", 1)),
        Err(Error::Chain { .. })
    ));
    assert!(matches!(
        Network::<f32>::load(text.as_bytes()),
        Err(Error::Saved {
            what: "precision",
            ..
        })
    ));
}

/// Layers of any size are compared with the parameters that are there before memory is taken for them.
#[test]
fn layers_that_claim_more_than_there_is_are_clear_errors() {
    let pooled = Network::<f64>::builder()
        .layer(Conv2d::new(Image::new(1, 3, 3), 1, 2))
        .weights(&[0.5; 5])
        .unwrap();
    let mut file = Vec::new();
    pooled.save(&mut file).unwrap();
    let pictures = String::from_utf8(file).unwrap();
    for size in ["4000000000", "18446744073709551615"] {
        for number in ["1", "2", "3"] {
            for text in [saved(), pictures.clone()] {
                // Every number that stands for itself, in turn and all at once.
                let places: Vec<usize> = text
                    .match_indices(&format!(":{number}"))
                    .filter(|(at, _)| text[at + 2..].starts_with([',', '}']))
                    .map(|(at, _)| at + 1)
                    .filter(|&at| !text[..at].ends_with("\"version\":"))
                    .collect();
                for &at in &places {
                    let claim = format!("{}{size}{}", &text[..at], &text[at + 1..]);
                    let _ = load(&claim);
                }
                let mut claim = text.clone();
                for &at in places.iter().rev() {
                    claim.replace_range(at..at + 1, size);
                }
                assert!(places.is_empty() || load(&claim).is_err(), "{claim}");
            }
        }
    }
}

#[test]
fn a_failed_load_of_parameters_changes_nothing() {
    let mut network = Network::builder()
        .layer(Dense::new(1, 2))
        .weights(&[1.0, 2.0, 3.0, 4.0])
        .unwrap();
    assert!(matches!(
        network.load_parameters(saved().as_bytes()),
        Err(Error::Saved { what: "blocks", .. })
    ));
    assert_eq!(network.parameters(), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn a_network_with_a_layer_of_ones_own_gives_its_parameters() {
    let build = |weights: &[f64]| {
        Network::builder()
            .layer(Dense::new(2, 1))
            .layer(Own)
            .weights(weights)
            .unwrap()
    };
    let network = build(&[0.1, 0.2, 0.3]);
    let mut file = Vec::new();
    network.save(&mut file).unwrap();
    assert!(matches!(
        Network::<f64>::load(&file[..]),
        Err(Error::Saved { what: "layer", .. })
    ));
    let mut other = build(&[0.0; 3]);
    other.load_parameters(&file[..]).unwrap();
    assert_eq!(other.parameters(), network.parameters());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn every_network_comes_back(recipe in recipe(6, 4)) {
        let (network, batch) = recipe.build::<f64>();
        let mut file = Vec::new();
        network.save(&mut file).unwrap();
        let loaded = Network::<f64>::load(&file[..]).unwrap();
        prop_assert_eq!(network.parameters(), loaded.parameters());
        prop_assert_eq!(network.predict(batch.x()).unwrap(), loaded.predict(batch.x()).unwrap());
        prop_assert_eq!(network.loss(&batch).unwrap(), loaded.loss(&batch).unwrap());
        let (network, batch) = recipe.build::<f32>();
        let mut file = Vec::new();
        network.save(&mut file).unwrap();
        let loaded = Network::<f32>::load(&file[..]).unwrap();
        prop_assert_eq!(network.loss(&batch).unwrap(), loaded.loss(&batch).unwrap());
    }
}
