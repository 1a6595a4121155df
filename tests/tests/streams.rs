//! Bad streams: each a clear error on its own camera, and none at its neighbours'.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_protocol::EdgeConfig;
use ngatu_tests::city::{City, Clip, Mode, junction};
use ngatu_tests::faults::center;
use ngatu_tests::stack::wire::{Wire, WireOptions};
use ngatu_tests::stack::{Center, Edge, Operator, Part};
use ngatu_tests::wait::{Seen, wait_for};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

async fn camera(operator: &Operator, id: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    wait_for(what, Duration::from_secs(60), async || {
        let cameras = operator.items("cameras").await?;
        let own = cameras.iter().find(|camera| camera["id"] == id).cloned().unwrap_or(Value::Null);
        Ok(Seen::when(fits(&own), own.clone(), &own))
    })
    .await
    .unwrap()
}

/// One who may write an edge's configuration, with that edge's secret: the broker is told of another user.
async fn newer_center(center: &Center, edge: &str) -> Wire {
    let folder = center.data_dir().join("mosquitto");
    let append = |file: &str, text: String| {
        let mut file = File::options().append(true).open(folder.join(file)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    let known = std::fs::read_to_string(folder.join("passwd")).unwrap();
    let hash = known.lines().find_map(|line| line.strip_prefix(&format!("{edge}:"))).unwrap();
    append("passwd", format!("newer-center:{hash}\n"));
    append("acl", "\nuser newer-center\ntopic write ngatu/v1/#\n".into());
    kill(Pid::from_raw(center.pid_of(Part::Broker).unwrap()), Signal::SIGHUP).unwrap();
    let secret = std::fs::read_to_string(center.dir().path().join(format!("{edge}.secret"))).unwrap();
    let options = WireOptions {
        address: center.mqtt_address().into(),
        user: "newer-center".into(),
        secret: secret.trim().into(),
        will: None,
    };
    wait_for("the broker to know the other user", Duration::from_secs(60), async || {
        Wire::connect(options.clone()).await.map(Seen::Ready)
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_stream_is_an_error_of_its_camera_alone() {
    let mut center = center("streams").await.unwrap();
    let operator = center.operator().await.unwrap();
    let city = City::start(0).unwrap();
    let knob = city.camera("good", Clip::junction(1).unwrap(), Mode::Loop);
    let ending = city.camera("ending", Clip::junction(2).unwrap(), Mode::Loop);
    city.not_video("sound");
    let text = center.dir().path().join("not-a-video.avi");
    std::fs::write(&text, "Đây không phải là video. ".repeat(4000)).unwrap();
    let cameras = [
        junction::camera("good", "Tốt", &city.url("good")),
        junction::camera("ending", "Dừng giữa chừng", &city.url("ending")),
        junction::camera("sound", "Chỉ có tiếng", &city.url("sound")),
        junction::camera("missing", "Không có", &city.url("missing")),
        junction::camera("text", "Không phải video", &format!("file://{}", text.display())),
    ];
    let mut edge = Edge::start(&center, "streams", &cameras).await.unwrap();
    let pid = edge.process().pid();

    let good = camera(&operator, "good", "good camera", |c| c["state"] == "online").await;
    assert_eq!((good["width_px"].as_i64(), good["error"].as_str()), (Some(640), None), "{good}");
    camera(&operator, "ending", "camera before its end", |c| c["state"] == "online").await;
    for id in ["sound", "missing", "text"] {
        let bad = camera(&operator, id, "lost camera with its reason", |c| {
            c["state"] == "lost" && c["error"].as_str().is_some_and(|error| error.len() > 5)
        })
        .await;
        eprintln!("{id}: {}", bad["error"]);
    }

    // The resolution changes in the middle: the same camera goes on.
    knob.turn(Mode::Smaller);
    camera(&operator, "good", "smaller picture", |c| c["state"] == "online" && c["width_px"] == 320).await;
    knob.turn(Mode::Loop);
    camera(&operator, "good", "full picture", |c| c["state"] == "online" && c["width_px"] == 640).await;

    // The stream ends in the middle: lost, and back when the camera is back.
    city.remove("ending");
    ending.turn(Mode::End);
    camera(&operator, "ending", "lost camera", |c| c["state"] == "lost").await;
    let _back = city.camera("ending", Clip::junction(2).unwrap(), Mode::Loop);
    camera(&operator, "ending", "camera that came back", |c| c["state"] == "online").await;

    camera(&operator, "good", "undisturbed neighbour", |c| c["state"] == "online").await;

    // A newer center knows a rule that this agent does not: it says so, and works on with what it had.
    let mut newer = newer_center(&center, "streams").await;
    let config = EdgeConfig { version: 7, cameras: cameras[..1].to_vec() };
    let config = serde_json::to_string(&config).unwrap();
    assert!(config.contains("\"kind\":\"intrusion\""), "{config}");
    let config = config.replace("\"kind\":\"intrusion\"", "\"kind\":\"teleportation\"");
    newer.publish("ngatu/v1/streams/config", config, true).await.unwrap();
    let told = wait_for("the refused configuration", Duration::from_secs(60), async || {
        let edges = operator.items("edges").await?;
        let own = edges.iter().find(|edge| edge["id"] == "streams").cloned().unwrap_or(Value::Null);
        Ok(Seen::when(own["config_error"].is_string(), own.clone(), &own))
    })
    .await
    .unwrap();
    assert!(told["config_error"].as_str().unwrap().contains("teleportation"), "{told}");
    assert_eq!((told["online"].as_bool(), told["config_running"].as_i64()), (Some(true), Some(0)), "{told}");
    for id in ["good", "ending"] {
        camera(&operator, id, "camera of the old configuration", |c| c["state"] == "online").await;
    }
    assert!(edge.process().ended().is_none(), "the agent must not end");
    assert_eq!(edge.process().pid(), pid);
    edge.stop().unwrap();
    center.stop().unwrap();
}
