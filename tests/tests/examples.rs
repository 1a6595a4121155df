//! The examples in `config/` are read by the programs that they are for, and mistakes in them are named.

#![allow(clippy::unwrap_used, reason = "a test")]

use edge_agent::config::EdgeSettings;
use ngatu_protocol::camera::{CameraConfig, check_cameras};
use ngatu_tests::stack::StackDir;
use ngatu_tests::stack::process::{program, repository};
use std::path::Path;
use std::process::{Command, Output};

fn check(name: &str, config: &Path) -> Output {
    Command::new(program(name).unwrap())
        .args(["check", "--config"])
        .arg(config)
        .current_dir(repository())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn config(name: &str) -> std::path::PathBuf {
    repository().join("config").join(name)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct City {
    #[serde(default)]
    #[allow(dead_code, reason = "read to be checked")]
    area: Vec<toml::Table>,
    #[serde(default)]
    #[allow(dead_code, reason = "control-center's own test reads it")]
    procedure: Vec<toml::Table>,
    #[serde(default)]
    #[allow(dead_code, reason = "control-center's own test reads it")]
    signal_source: Vec<toml::Table>,
    #[serde(default)]
    #[allow(dead_code, reason = "the center's own tests read it")]
    policy: Option<toml::Table>,
    edge: Vec<CityEdge>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CityEdge {
    #[allow(dead_code, reason = "read to be checked")]
    id: ngatu_protocol::EdgeId,
    #[allow(dead_code, reason = "read to be checked")]
    name: String,
    camera: Vec<CameraConfig>,
}

#[test]
fn the_examples_can_be_read() {
    for name in ["edge.example.toml", "demo/edge.toml"] {
        let text = std::fs::read_to_string(config(name)).unwrap();
        // The secret's file is made at enrolment; here any secret will do.
        let text = text.replace("secret_file = ", "secret = ");
        EdgeSettings::parse(&text).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    }
    for name in ["city.example.toml", "demo/city.toml"] {
        let city: City = toml::from_str(&std::fs::read_to_string(config(name)).unwrap()).unwrap();
        for edge in city.edge {
            assert_eq!(check_cameras(&edge.camera), [], "{name}");
        }
    }
    let output = check("control-center", &config("center.example.toml"));
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_mistake_in_a_configuration_is_named_and_the_program_ends_with_64() {
    let dir = StackDir::new("examples").unwrap();
    let edge =
        std::fs::read_to_string(config("edge.example.toml")).unwrap().replace("secret_file = ", "secret = ");
    let center = std::fs::read_to_string(config("center.example.toml")).unwrap();
    let table = [
        ("edge-agent", edge.replace("kind = \"intrusion\"", "kind = \"wrong_way\""), "wrong_way"),
        ("edge-agent", edge.replace("kind = \"intrusion\"", "kind = \"no_such\""), "no_such"),
        ("edge-agent", format!("speed = 3\n{edge}"), "speed"),
        ("control-center", format!("speed = 3\n{center}"), "speed"),
        ("control-center", center.replace("127.0.0.1:8080", "eight"), "http.listen"),
    ];
    for (name, text, wanted) in table {
        let path = dir.path().join("config.toml");
        std::fs::write(&path, &text).unwrap();
        let output =
            Command::new(program(name).unwrap()).args(["run", "--config"]).arg(&path).output().unwrap();
        assert_eq!(output.status.code(), Some(64), "{name} {wanted}: {}", said(&output));
        assert!(
            said(&output).contains(wanted) && said(&output).contains("config.toml"),
            "{wanted}: {}",
            said(&output)
        );
    }
}
