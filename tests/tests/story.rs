//! The main job end to end: a camera's stream goes in at one end, an operator sees the alert at the other.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_protocol::Direction;
use ngatu_tests::city::{City, Clip, Mode, junction};
use ngatu_tests::faults::center;
use ngatu_tests::stack::{Database, Edge};
use ngatu_tests::wait::{Seen, wait_for};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::Row;
use std::collections::BTreeMap;
use std::time::Duration;

const PASS: Duration = Duration::from_secs(100);

fn is(alert: &Value, kind: &str, active: bool) -> bool {
    alert["kind"] == kind && alert["active"] == active
}

/// What the observations say was counted, by wire and direction; those of all classes together are left out.
async fn counted(database: &Database) -> anyhow::Result<BTreeMap<(String, String), f64>> {
    let rows = sqlx::query(
        "select zone, direction, sum(value) from observations
         where quantity = 'count' and value > 0 and class is not null group by zone, direction",
    )
    .fetch_all(database.pool())
    .await?;
    rows.iter()
        .map(|row| {
            let key = (row.try_get::<String, _>(0)?, row.try_get::<String, _>(1)?);
            Ok((key, row.try_get(2)?))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intruder_in_front_of_a_camera_reaches_the_operators_screen() {
    let mut center = center("story").await.unwrap();
    let operator = center.operator().await.unwrap();
    let mut live = operator.live(None).await.unwrap();
    let database = center.database().await.unwrap();
    let city = City::start(0).unwrap();
    let truth = junction::truth(1);
    let knob = city.camera("junction", Clip::junction(1).unwrap(), Mode::Once);
    let camera = junction::camera("junction", "Ngã tư mô phỏng", &city.url("junction"));
    let mut edge = Edge::start(&center, "nga-tu-1", std::slice::from_ref(&camera)).await.unwrap();
    let (center_pid, edge_pid) = (center.process().pid(), edge.process().pid());

    // The intruder, with a picture that is what its name says.
    let found =
        live.alert(PASS, |alert| is(alert, "intrusion", true) && !alert["snapshot_url"].is_null()).await;
    let alert = found.unwrap_or_else(|e| panic!("{e:#}\nedge:\n{}", edge.process().log_tail(15)));
    assert_eq!((alert["edge"].as_str(), alert["zone"].as_str()), (Some("nga-tu-1"), Some("yard")));
    assert_eq!(alert["severity"], "high");
    let address = alert["snapshot_url"].as_str().unwrap().to_owned();
    let picture = wait_for("snapshot", Duration::from_secs(60), async || {
        Ok(Seen::Ready(operator.bytes(&address).await?))
    })
    .await
    .unwrap();
    assert!(picture.starts_with(&[0xff, 0xd8]) && picture.ends_with(&[0xff, 0xd9]), "a whole JPEG");
    assert!(address.contains(&hex::encode(Sha256::digest(&picture))), "{address} names another picture");
    live.alert(PASS, |alert| is(alert, "intrusion", false)).await.unwrap();

    // The whole pass: the counts are the truth, direction by direction.
    let wanted: BTreeMap<(String, String), f64> = {
        let mut wanted = BTreeMap::new();
        for crossing in &truth.crossings {
            *wanted
                .entry((crossing.wire.to_owned(), crossing.direction.as_str().to_owned()))
                .or_insert(0.0) += 1.0;
        }
        wanted
    };
    assert_eq!(truth.count("west-arm", Direction::BToA), 4);
    let all: f64 = wanted.values().sum();
    wait_for("all crossings of the pass", PASS, async || {
        let counted = counted(&database).await?;
        let done = knob.frames_sent() > 480 && counted.values().sum::<f64>() >= all;
        Ok(Seen::when(done, (), format!("{counted:?} after {} frames", knob.frames_sent())))
    })
    .await
    .unwrap_or_else(|e| panic!("{e:#}\nwanted {wanted:?}"));
    assert_eq!(counted(&database).await.unwrap(), wanted);

    // One intrusion and one loitering, each with its end, and nothing else.
    let events =
        sqlx::query("select kind, phase, count(*) from events group by kind, phase order by kind, phase")
            .fetch_all(database.pool())
            .await
            .unwrap();
    let events: Vec<(String, String, i64)> =
        events.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let once = |kind: &str, phase: &str| (kind.to_owned(), phase.to_owned(), 1);
    let wanted = [
        once("intrusion", "end"),
        once("intrusion", "start"),
        once("loitering", "end"),
        once("loitering", "start"),
    ];
    assert_eq!(events, wanted);

    // An operator takes it; a second look says who.
    let id = alert["id"].as_str().unwrap();
    let (status, acknowledged) = operator.post(&format!("alerts/{id}/acknowledge")).await.unwrap();
    assert_eq!(status, 200, "{acknowledged}");
    assert_eq!(acknowledged["acknowledged_by"]["name"], "operator");

    // The stream stops in the middle: the camera is lost, and found again when it goes on.
    knob.turn(Mode::Stall);
    live.alert(Duration::from_secs(60), |alert| is(alert, "camera_lost", true)).await.unwrap();
    knob.turn(Mode::Loop);
    live.alert(Duration::from_secs(60), |alert| is(alert, "camera_lost", false)).await.unwrap();

    assert_eq!((center.process().pid(), edge.process().pid()), (center_pid, edge_pid));
    assert!(edge.process().ended().is_none() && center.process().ended().is_none());
    edge.stop().unwrap();
    center.stop().unwrap();
}
