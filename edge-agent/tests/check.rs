//! `edge-agent check`: what cannot be is refused with file, key and reason, and with the exit code for it.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

use std::process::Command;

const GOOD: &str = r#"
edge = "nga-tu-1"
data_dir = "data"
[mqtt]
url = "mqtt://127.0.0.1:1883"
secret = "0123456789abcdef0123456789abcdef"
[center]
url = "http://127.0.0.1:8080"
[[camera]]
id = "north"
name = "Ngã tư Phúc Khánh"
url = "rtsp://127.0.0.1/north"
detector = "motion"
[camera.calibration]
picture = [[0.1, 0.9], [0.9, 0.9], [0.7, 0.4], [0.3, 0.4]]
ground_m = [[0.0, 0.0], [10.0, 0.0], [10.0, 30.0], [0.0, 30.0]]
[[camera.tripwire]]
id = "stop-line"
points = [[0.1, 0.6], [0.9, 0.6]]
classes = ["car", "object"]
[[camera.zone]]
id = "yard"
points = [[0.3, 0.9], [0.6, 0.9], [0.55, 0.4], [0.45, 0.4]]
[[camera.rule]]
kind = "intrusion"
zone = "yard"
classes = ["person", "object"]
[[camera.rule]]
kind = "camera_tampered"
[[camera.rule]]
kind = "camera_moved"
[[camera.rule]]
kind = "smoke_or_fire"
"#;

/// What `check` says of a file, and its exit code.
fn check(text: &str) -> (String, Option<i32>) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("edge.toml");
    std::fs::write(&file, text).unwrap();
    let said = Command::new(env!("CARGO_BIN_EXE_edge-agent"))
        .arg("check")
        .arg("--config")
        .arg(&file)
        .output()
        .unwrap();
    (
        format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr)),
        said.status.code(),
    )
}

#[test]
fn a_good_file_is_called_good() {
    let (said, code) = check(GOOD);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("edge.toml: good, 1 cameras"), "{said}");
}

#[test]
fn each_impossible_drawing_is_refused_with_file_key_and_reason() {
    let table = [
        (
            "[[0.3, 0.9], [0.6, 0.9], [0.55, 0.4], [0.45, 0.4]]",
            "[[0.6, 0.9], [0.3, 0.9], [0.55, 0.4], [0.45, 0.4]]",
            "camera[north].zone[0].points: the outline crosses itself",
        ),
        (
            "[[0.1, 0.9], [0.9, 0.9], [0.7, 0.4], [0.3, 0.4]]",
            "[[0.1, 0.9], [0.3, 0.7], [0.5, 0.5], [0.7, 0.3]]",
            "camera[north].calibration.picture: the points lie on a line",
        ),
        (
            "[[0.0, 0.0], [10.0, 0.0], [10.0, 30.0], [0.0, 30.0]]",
            "[[0.0, 0.0], [0.0, 10.0], [0.0, 20.0], [0.0, 30.0]]",
            "camera[north].calibration.ground_m: the points lie on a line",
        ),
        (
            "[[0.1, 0.6], [0.9, 0.6]]",
            "[[0.4, 0.6], [0.4, 0.6]]",
            "camera[north].tripwire[0].points: the tripwire has no length",
        ),
        ("classes = [\"car\", \"object\"]", "classes = [\"tram\"]", "unknown variant `tram`"),
        ("classes = [\"person\", \"object\"]", "classes = [\"people\"]", "unknown variant `people`"),
        ("kind = \"camera_moved\"", "kind = \"camera_stolen\"", "unknown variant `camera_stolen`"),
        (
            "kind = \"camera_moved\"",
            "kind = \"camera_moved\"\nzone = \"yard\"",
            "camera[north].rule[2].zone: `camera_moved` has no use for it",
        ),
        (
            "kind = \"camera_tampered\"",
            "kind = \"camera_tampered\"\nclasses = [\"person\"]",
            "camera[north].rule[1].classes: `camera_tampered` has no use for it",
        ),
        (
            "kind = \"smoke_or_fire\"",
            "kind = \"smoke_or_fire\"\nzone = \"roof\"",
            "camera[north].rule[3].zone: there is no zone `roof`",
        ),
        (
            "classes = [\"car\", \"object\"]",
            "classes = [\"bus\"]",
            "camera[north].tripwire[0].classes: it is about `bus`, but `detector = \"motion\"` finds only",
        ),
        (
            "kind = \"intrusion\"\nzone = \"yard\"\nclasses = [\"person\", \"object\"]",
            "kind = \"person_down\"\nzone = \"yard\"",
            "camera[north].rule[0].kind: `person_down` needs `detector = \"onnx\"`: a blob has no posture",
        ),
    ];
    let mut wrong = Vec::new();
    for (from, to, wanted) in table {
        assert!(GOOD.contains(from), "{from}");
        let (said, code) = check(&GOOD.replacen(from, to, 1));
        let line = said.lines().find(|line| line.contains(wanted));
        if code != Some(64) || !line.is_some_and(|line| line.contains("edge.toml: camera[north]")) {
            wrong.push(format!("{to}: exit {code:?}, wanted {wanted:?}, said:\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
