//! The demo city: three cameras, one edge agent, one control center, and an operator that watches the websocket.
//!
//! Its last line is an account: what the edge's outbox numbered against what the database holds.

mod account;
mod place;
mod verdict;

pub use account::Account;
pub use place::{data_dir, free_port};
pub use verdict::{FIRST_ALERT_S, wrong};

use crate::city::{City, Clip, Mode};
use crate::clock;
use crate::stack::process::repository;
use crate::stack::{Center, Edge, Live, Operator, StackDir};
use anyhow::{Context, bail};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The edge's id in `config/demo`.
pub const EDGE: &str = "demo";
/// The cameras in `config/demo` that play real footage.
pub const FOOTAGE: [&str; 2] = ["campus", "gate"];

/// A running demo. Dropping it ends everything.
#[derive(Debug)]
pub struct Demo {
    edge: Option<Edge>,
    center: Center,
    _city: City,
    operator: Operator,
    live: Live,
    secret: String,
    begun: Instant,
    /// What a person signs in with.
    pub password: String,
}

/// What the websocket client saw.
#[derive(Debug, Default)]
pub struct Watched {
    /// Seconds from the start to the first alert that came from real footage.
    pub first_footage_s: Option<f64>,
    /// Changes of alerts.
    pub changes: u64,
}

impl Demo {
    /// Builds the whole city; when it returns, cameras are being watched.
    ///
    /// # Errors
    /// Says which part did not start.
    pub async fn start(port: u16, say: impl Fn(&str)) -> anyhow::Result<Demo> {
        let begun = clock::instant();
        let dir = Arc::new(StackDir::at(&data_dir(&say)?)?);
        let city = tokio::task::spawn_blocking(play);
        say("starting the control center with its own PostgreSQL and Mosquitto …");
        let center = Center::start_on(Arc::clone(&dir), &format!("127.0.0.1:{port}"), "127.0.0.1:0").await?;
        let password = center.add_user("operator", "operator").await?;
        let secret = center.enroll(EDGE).await?;
        say("encoding the test city's cameras …");
        let city = city.await??;
        import(&center, &city).await?;
        let operator = Operator::sign_in(&center.http_url(), "operator", &password).await?;
        let live = operator.live(None).await?;
        let edge = Edge::run(dir, EDGE, edge_config(&center, &secret)?)?;
        Ok(Demo { edge: Some(edge), center, _city: city, operator, live, secret, begun, password })
    }

    /// Where people look.
    #[must_use]
    pub fn url(&self) -> String {
        self.center.http_url()
    }

    /// Seconds since the start.
    #[must_use]
    pub fn age_s(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// Follows the websocket until the deadline, if there is one, and tells each change.
    ///
    /// # Errors
    /// When a part ends by itself or the websocket breaks.
    pub async fn watch(
        &mut self,
        seconds: Option<u64>,
        watched: &mut Watched,
        say: impl Fn(&str),
    ) -> anyhow::Result<()> {
        let end = seconds.map(|s| self.begun + Duration::from_secs(s));
        loop {
            self.check_parts()?;
            if end.is_some_and(|end| clock::instant() >= end) {
                return Ok(());
            }
            // A second is short enough to notice a dead part and the end.
            let Ok(frame) = tokio::time::timeout(Duration::from_secs(1), self.live.next()).await else {
                continue;
            };
            let frame = frame?;
            let alerts = match frame["type"].as_str() {
                Some("snapshot") => frame["alerts"].as_array().cloned().unwrap_or_default(),
                Some("change") => vec![frame["alert"].clone()],
                Some("resume") => {
                    self.live = self.operator.live(frame["after"].as_i64()).await?;
                    continue;
                }
                _ => continue,
            };
            for alert in alerts {
                watched.changes += 1;
                let seen_s = self.age_s();
                say(&line(seen_s, frame["change"].as_str().unwrap_or("shown"), &alert));
                // A lost camera is an alert too, but not one that anybody saw in the footage.
                let from_footage = alert["camera"].as_str().is_some_and(|camera| FOOTAGE.contains(&camera))
                    && alert["kind"] != "camera_lost";
                if from_footage && watched.first_footage_s.is_none() {
                    watched.first_footage_s = Some(seen_s);
                    say(&format!("first alert from real video on the screen after {seen_s:.1} s"));
                }
            }
        }
    }

    fn check_parts(&mut self) -> anyhow::Result<()> {
        if let Some(status) = self.center.process().ended() {
            bail!("the control center ended ({status}):\n{}", self.center.process().log_tail(20));
        }
        if let Some(edge) = &mut self.edge
            && let Some(status) = edge.process().ended()
        {
            bail!("the edge agent ended ({status}):\n{}", edge.process().log_tail(20));
        }
        Ok(())
    }

    /// Ends the edge, sends what its outbox still holds, and settles the account; then ends the center.
    ///
    /// # Errors
    /// When something does not end, or what is left cannot be sent.
    pub async fn settle(mut self) -> anyhow::Result<Account> {
        let mut edge = self.edge.take().context("the edge runs until here")?;
        edge.stop()?;
        let account = account::settle(&self.center, &edge.data_dir(), &self.secret).await?;
        self.center.stop()?;
        Ok(account)
    }
}

fn line(seen_s: f64, change: &str, alert: &Value) -> String {
    let text = |key: &str| alert[key].as_str().unwrap_or("-").to_owned();
    format!(
        "{seen_s:7.1} s  {change:<12} {:<8} {:<12} {} / {}  ×{}",
        text("severity"),
        text("kind"),
        text("camera_name"),
        text("zone"),
        alert["count"]
    )
}

fn play() -> anyhow::Result<City> {
    let city = City::start(0)?;
    let footage = Clip::footage(&repository().join(".setup/footage/vtest.avi"))?;
    let _ = city.camera("gate", footage.later(30), Mode::Loop);
    let _ = city.camera("campus", footage, Mode::Loop);
    let _ = city.camera("junction", Clip::junction(1)?, Mode::Loop);
    Ok(city)
}

async fn import(center: &Center, city: &City) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(repository().join("config/demo/city.toml"))?;
    let address = city.url("");
    let text = text.replace("rtsp://city/", &address);
    let path = center.dir().path().join("city.toml");
    std::fs::write(&path, text)?;
    center.cli(&["import", &path.display().to_string()]).await.map(drop)
}

/// `config/demo/edge.toml` with this run's ports and folders.
fn edge_config(center: &Center, secret: &str) -> anyhow::Result<PathBuf> {
    let mut table: toml::Table =
        std::fs::read_to_string(repository().join("config/demo/edge.toml"))?.parse()?;
    let dir = center.dir().path();
    let secret_file = dir.join(format!("{EDGE}.secret"));
    std::fs::write(&secret_file, format!("{secret}\n"))?;
    let setup = repository().join(".setup");
    let text = |path: PathBuf| path.display().to_string();
    table.insert("data_dir".into(), text(dir.join(EDGE)).into());
    for (section, key, value) in [
        ("mqtt", "url", center.mqtt_url()),
        ("mqtt", "secret_file", text(secret_file)),
        ("center", "url", center.http_url()),
        ("detector", "model", text(setup.join("model/nanodet-int8.onnx"))),
        ("detector", "runtime", text(setup.join("lib/libonnxruntime.so"))),
    ] {
        let entry = table.entry(section).or_insert_with(|| toml::Table::new().into());
        entry.as_table_mut().context("a section is a table")?.insert(key.into(), value.into());
    }
    let path = dir.join(format!("{EDGE}.toml"));
    std::fs::write(&path, toml::to_string(&table)?)?;
    Ok(path)
}
