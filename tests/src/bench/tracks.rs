//! What a track takes: bytes on the wire and in PostgreSQL, with the tracks of real footage.

use crate::bench::{Bar, Figure, real};
use crate::clock;
use crate::stack::Center;
use crate::stack::process::{program, repository};
use crate::virtual_edge::{Options, VirtualEdge};
use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta};
use ngatu_protocol::track::PER_POINT;
use ngatu_protocol::{Body, CameraId, EdgeId, Envelope, Lane, Message, TrackData};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use uuid::Uuid;

/// Rows that are stored at least: enough that a table's fixed pages do not count.
const ROWS: usize = 10_000;
/// Seconds of the footage.
const FOOTAGE_S: f64 = 79.5;
/// A square with seven people in it on average, at 5 frames a second.
const CAMERA: &str = "id = \"bench\"\nname = \"Bench\"\nurl = \"file:///video\"\ndetector = \"onnx\"\n";

/// Measures with a running center.
///
/// # Errors
/// When something does not arrive.
pub async fn measure(center: &Center) -> anyhow::Result<Vec<Figure>> {
    let dir = center.dir().path().join("tracks");
    std::fs::create_dir_all(&dir)?;
    let footage = analyzed(&dir)?;
    let count = real(footage.tracks.len());
    let wire: usize = footage.lines.iter().map(|line| line.len() + 1).sum();
    let points: usize = footage.tracks.iter().map(|data| data.points.len() / PER_POINT).sum();

    let edge = "bench-tracks";
    let mut sender = VirtualEdge::open(Options {
        edge: EdgeId::new(edge)?,
        secret: center.enroll(edge).await?,
        url: center.mqtt_url(),
        dir: dir.join("outbox"),
        max_bytes: 1 << 30,
    })?;
    sender.connect()?;
    let copies = ROWS.div_ceil(footage.tracks.len());
    let length = TimeDelta::seconds(80);
    let begin = clock::now() - length * i32::try_from(copies)?;
    for copy in 0..copies {
        let shift = begin - DateTime::UNIX_EPOCH + length * i32::try_from(copy)?;
        sender.push(footage.tracks.iter().map(|data| later(data, shift)).collect()).await?;
    }
    sender.drained(Duration::from_secs(120)).await?;
    sender.stop().await;
    let database = center.database().await?;
    let rows = database.number("select count(*) from tracks").await?;
    ensure!(rows == i64::try_from(copies * footage.tracks.len())?, "{rows} rows are stored");
    let bytes = database
        .number(
            "select sum(pg_total_relation_size(part))::bigint from (select distinct tableoid as part from tracks) t",
        )
        .await?;
    let stored = real(usize::try_from(bytes)?) / real(usize::try_from(rows)?);
    let each_box = real(footage.boxes_bytes) / count;
    let boxes = real(footage.boxes) / count;
    let figure = |name, value, unit, floor| Figure { name, value, unit, floor, bar: Bar::None };
    let a_day = count / FOOTAGE_S * 86_400.0 / 1e6;
    Ok(vec![
        figure("points-of-a-track", real(points) / count, "points, beside its boxes", boxes),
        figure("track-on-the-wire", real(wire) / count, "bytes, beside all boxes as text", each_box),
        figure("track-in-postgresql", stored, "bytes, beside all boxes as text", each_box),
        figure("tracks-of-a-camera-day-as-busy", stored * a_day, "MB", each_box * a_day),
    ])
}

/// The same way at another time.
fn later(data: &TrackData, shift: TimeDelta) -> Message {
    let data = TrackData { from: data.from + shift, ..data.clone() };
    let (time, camera) = (data.to(), CameraId::new("bench").ok());
    Message { id: Uuid::now_v7(), camera, time, body: Body::Track(data) }
}

struct Footage {
    tracks: Vec<TrackData>,
    lines: Vec<String>,
    boxes: usize,
    boxes_bytes: usize,
}

fn analyzed(dir: &Path) -> anyhow::Result<Footage> {
    let video = repository().join(".setup/footage/vtest.avi");
    ensure!(video.exists(), "no footage at {}: run `make setup`", video.display());
    let [camera, out, boxes] = ["camera.toml", "out.jsonl", "boxes.txt"].map(|name| dir.join(name));
    std::fs::write(&camera, CAMERA)?;
    let mut command = Command::new(program("edge-agent")?);
    command.arg("analyze").arg(&video).arg("--camera").arg(&camera).arg("--out").arg(&out);
    let output = command.arg("--tracks").arg(&boxes).current_dir(repository()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "edge-agent analyze: {}\n{said}", output.status);
    let text = std::fs::read_to_string(&out)?;
    let is_track = |line: &&str| line.contains("vn.ngatu.track.v1");
    let lines: Vec<String> = text.lines().filter(is_track).map(ToOwned::to_owned).collect();
    let read = |line: &String| {
        let envelope: Envelope = serde_json::from_str(line)?;
        match envelope.body(Lane::Tracks).map_err(anyhow::Error::msg)? {
            Body::Track(data) => Ok(data),
            other => anyhow::bail!("no track: {other:?}"),
        }
    };
    let tracks = lines.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    tracks.first().context("nobody was followed")?;
    let boxes = std::fs::read_to_string(&boxes)?;
    Ok(Footage { tracks, lines, boxes: boxes.lines().count(), boxes_bytes: boxes.len() })
}
