//! Bad streams: each a clear error on its own camera, and none at its neighbours'.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_tests::city::{City, Clip, Mode, junction};
use ngatu_tests::faults::center;
use ngatu_tests::stack::{Edge, Operator};
use ngatu_tests::wait::{Seen, wait_for};
use serde_json::Value;
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
    assert!(edge.process().ended().is_none(), "the agent must not end");
    assert_eq!(edge.process().pid(), pid);
    edge.stop().unwrap();
    center.stop().unwrap();
}
