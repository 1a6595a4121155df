//! A rule over a million stored tracks, through the center, with its progress.

use crate::bench::{Bar, Figure, real};
use crate::clock;
use crate::stack::Center;
use anyhow::{Context, bail, ensure};
use ngatu_protocol::RoadUserClass;
use ngatu_scene::trace::TracePoint;
use ngatu_scene::{FrameSize, Time, Trajectory};
use std::time::Duration;
use uuid::Uuid;

/// Stored tracks.
const TRACKS: i64 = 1_000_000;
/// Days over which they are spread.
const DAYS: i64 = 7;
/// Different ways among them.
const WAYS: i64 = 200;
/// What it may take, seconds.
const WANTED_S: f64 = 60.0;

/// Seconds for the back-test; the floor only reads the same rows.
///
/// # Errors
/// When the center refuses it or answers nonsense.
pub async fn measure(center: &Center) -> anyhow::Result<Vec<Figure>> {
    let password = center.add_user("lead", "supervisor").await?;
    let lead = crate::stack::Operator::sign_in(&center.http_url(), "lead", &password).await?;
    let database = center.database().await?;
    fill(&database).await?;
    let start = clock::instant();
    let read =
        database.number("select sum(cardinality(points))::bigint from tracks where edge = 'bench'").await?;
    ensure!(read > 0, "no tracks are stored");
    let floor = start.elapsed().as_secs_f64();
    let body = serde_json::json!({ "days": DAYS + 1, "rule": { "edge": "bench", "camera": "north",
        "zone": { "id": "middle", "points": [[0.4, 0.2], [0.6, 0.2], [0.6, 0.9], [0.4, 0.9]] },
        "rule": { "kind": "intrusion", "zone": "middle" } } });
    let start = clock::instant();
    let begun = lead.post_json("policies/backtest", &body).await?;
    let id = begun["id"].as_str().with_context(|| format!("no id: {begun}"))?.to_owned();
    let mut steps = 0_u32;
    let mut before = 0.0;
    let answer = loop {
        let status = lead.get(&format!("backtests/{id}")).await?;
        let progress = status["progress"].as_f64().unwrap_or(0.0);
        steps += u32::from(progress > before);
        before = progress;
        match status["state"].as_str() {
            Some("running") => tokio::time::sleep(Duration::from_millis(200)).await,
            Some("done") => break status["result"].clone(),
            _ => bail!("the back-test failed: {status}"),
        }
        ensure!(start.elapsed() < Duration::from_secs(600), "no answer within ten minutes");
    };
    let value = start.elapsed().as_secs_f64();
    ensure!(answer["tracks"].as_i64() == Some(TRACKS), "not all tracks were played: {}", answer["tracks"]);
    ensure!(answer["draft"]["alerts"].as_u64() > Some(0), "no alert was found: {answer}");
    Ok(vec![
        Figure { name: "backtest-of-a-million-tracks", value, unit: "s", floor, bar: Bar::AtMost(WANTED_S) },
        Figure {
            name: "backtest-progress-steps-seen",
            value: real(usize::try_from(steps)?),
            unit: "",
            floor: 1.0,
            bar: Bar::AtLeast(5.0),
        },
    ])
}

/// A road user that crosses the picture on one of several heights within 12 s, as the edge codes it.
fn way(n: i64) -> Trajectory {
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a place in a picture")]
    let height = 0.3 + 0.6 * (n as f32 / WAYS as f32);
    let point = |i: u8| TracePoint {
        at: Time::from_micros(i64::from(i) * 2_000_000),
        foot: [f32::from(i) / 6.0, height],
        size: [0.05, 0.1],
        unseen: false,
    };
    Trajectory {
        track: 1,
        class: RoadUserClass::Motorcycle,
        confidence: 0.8,
        frame: FrameSize::new(1280, 720),
        points: (0..=6).map(point).collect(),
        goes_on: false,
    }
}

async fn fill(database: &crate::stack::Database) -> anyhow::Result<()> {
    let camera = serde_json::json!({ "id": "north", "name": "Bắc", "url": "file:///video" });
    sqlx::query("insert into edges (id, name, created_at) values ('bench', 'Bench', now())")
        .execute(database.pool())
        .await?;
    sqlx::query("insert into cameras (edge, id, name, config, created_at) values ('bench', 'north', 'Bắc', $1, now())")
        .bind(camera)
        .execute(database.pool())
        .await?;
    let packed: Vec<String> = (0..WAYS)
        .map(|n| {
            let points: Vec<String> = way(n).packed().points.iter().map(ToString::to_string).collect();
            format!("{{{}}}", points.join(","))
        })
        .collect();
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "insert into tracks (time, outbox, sequence, received_at, track_from, track, config, confidence, frame_width_px, \
           frame_height_px, goes_on, edge, camera, class, points) \
         select t + interval '12 seconds', $1, n, now(), t, n, 1, 0.8, 1280, 720, false, 'bench', 'north', 'motorcycle', \
           ($2::text[])[1 + n % {WAYS}]::smallint[] \
         from generate_series(1, {TRACKS}) n, lateral (select now() - interval '{DAYS} days' \
           + n * (interval '{DAYS} days' - interval '1 hour') / {TRACKS} as t) t"
    )))
    .bind(Uuid::now_v7())
    .bind(packed)
    .execute(database.pool())
    .await?;
    sqlx::query("analyze tracks").execute(database.pool()).await?;
    Ok(())
}
