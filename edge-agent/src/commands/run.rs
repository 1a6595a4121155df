//! `edge-agent run`: everything at work, until a signal.

use crate::clock;
use crate::commands::open_events::OpenEvents;
use crate::config::{EdgeSettings, camera_mistakes};
use crate::credential::{self, Renewal};
use crate::evidence::{self, Evidence, EvidenceOptions, EvidenceStatus};
use crate::facts::new_id;
use crate::fleet::Fleet;
use crate::health;
use crate::outbox::{Outbox, OutboxOptions};
use crate::pipeline::Delivery;
use crate::uplink::{self, UplinkHandle, UplinkOptions};
use anyhow::Context;
use chrono::{DateTime, Utc};
use ngatu_protocol::{Body, CameraId, EdgeConfig, HealthData, Message};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio::time::MissedTickBehavior;

/// Time between two health messages; the first comes sooner.
const HEALTH_EVERY: Duration = Duration::from_secs(10);
/// When the first health message comes.
const FIRST_HEALTH_AFTER: Duration = Duration::from_secs(2);
/// How long the uplink may take to say goodbye.
const GOODBYE_WITHIN: Duration = Duration::from_millis(1500);

/// Runs an edge agent until SIGTERM or SIGINT. Needs a multi-threaded tokio runtime.
///
/// # Errors
/// When a part cannot be started.
pub async fn run(settings: EdgeSettings) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen to SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to SIGINT")?;
    let dir = settings.data_dir.clone();
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make data_dir {}", dir.display()))?;
    let mut agent = Agent::start(&settings)?;
    let mut configs = agent.uplink.configs();
    let mut ticks = tokio::time::interval_at(clock::timer() + FIRST_HEALTH_AFTER, HEALTH_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = ticks.tick() => block_in_place(|| agent.report_health(&dir)),
            changed = configs.changed() => {
                // The sender lives in the uplink, which we hold.
                changed.context("the uplink has ended")?;
                let pushed = configs.borrow_and_update().clone();
                if let Some(pushed) = pushed {
                    block_in_place(|| agent.take_config(pushed, &dir));
                }
            }
        }
    }
    tracing::info!("stopping");
    block_in_place(|| agent.fleet.stop());
    // What is not acknowledged by now waits in the outbox for the next start.
    if tokio::time::timeout(GOODBYE_WITHIN, agent.uplink.stop()).await.is_err() {
        tracing::warn!("the uplink did not say goodbye in time");
    }
    tracing::info!("stopped");
    Ok(())
}

/// All parts of a running agent.
struct Agent {
    outbox: Outbox,
    pictures: watch::Receiver<EvidenceStatus>,
    uplink: UplinkHandle,
    fleet: Fleet,
    config: EdgeConfig,
    begun: Instant,
    last_health: Instant,
}

impl Agent {
    fn start(settings: &EdgeSettings) -> anyhow::Result<Agent> {
        let edge = settings.edge.clone();
        let options = OutboxOptions { edge: edge.clone(), max_bytes: settings.outbox_max_bytes };
        let outbox = Outbox::open(&settings.data_dir, options)?;
        let evidence = Evidence::start(EvidenceOptions {
            dir: settings.data_dir.join("evidence"),
            center_url: settings.center_url.clone(),
            edge: edge.clone(),
            secret: settings.secret.clone(),
            center_ca: settings.center_ca.clone(),
            max_bytes: evidence::DEFAULT_MAX_BYTES,
        })?;
        let pictures = evidence.status();
        let (url, secret, tls) =
            (settings.mqtt_url.clone(), settings.secret.clone(), settings.mqtt_tls.clone());
        let uplink = uplink::start(outbox.clone(), UplinkOptions { edge, url, secret, tls })?;
        if let Some(own) = settings.mqtt_tls.own.clone() {
            tokio::spawn(credential::keep_renewed(Renewal {
                center_url: settings.center_url.clone(),
                center_ca: settings.center_ca.clone(),
                edge: settings.edge.clone(),
                secret: settings.secret.clone(),
                own,
            }));
        }
        let (open_events, left) = OpenEvents::load(settings.data_dir.join("open-events.json"), clock::now());
        let delivery = Arc::new(Safe { outbox: outbox.clone(), evidence, open_events });
        if !left.is_empty() {
            tracing::warn!(events = left.len(), "the last run did not end these events; they end now");
            delivery.push(left);
        }
        let mut fleet = Fleet::new(settings.detector.clone(), settings.source, delivery)
            .keeping_views_in(settings.data_dir.join("views"));
        let config = first_config(settings);
        fleet.apply(config.version, &config.cameras).context("cannot start the cameras")?;
        uplink.report_config(config.version, None);
        let (edge, version, cameras) = (&settings.edge, config.version, config.cameras.len());
        tracing::info!(%edge, config = version, cameras, "edge agent runs");
        let begun = clock::instant();
        Ok(Agent { outbox, pictures, uplink, fleet, config, begun, last_health: begun })
    }

    /// Puts a pushed configuration in force, or says why not and keeps the old one.
    fn take_config(&mut self, pushed: EdgeConfig, dir: &Path) {
        if pushed == self.config {
            self.uplink.report_config(pushed.version, None);
            return;
        }
        let put = put_in_force(&mut self.fleet, &pushed, dir);
        match put {
            Ok(()) => {
                tracing::info!(
                    config = pushed.version,
                    cameras = pushed.cameras.len(),
                    "configuration in force"
                );
                self.config = pushed;
                self.uplink.report_config(self.config.version, None);
            }
            Err(reason) => {
                let version = pushed.version;
                tracing::warn!(refused = version, reason, "configuration refused");
                self.uplink.report_config(self.config.version, Some(format!("version {version}: {reason}")));
            }
        }
    }

    fn report_health(&mut self, dir: &Path) {
        let now = clock::instant();
        let period = now - std::mem::replace(&mut self.last_health, now);
        let pictures = self.pictures.borrow().clone();
        let data = HealthData {
            uptime_s: (now - self.begun).as_secs_f64(),
            version: env!("CARGO_PKG_VERSION").into(),
            memory_bytes: health::memory_bytes(),
            temperature_c: health::temperature_c(),
            disk_free_bytes: health::disk_free_bytes(dir),
            outbox_depth: self.outbox.depth(),
            outbox_dropped: self.outbox.dropped(),
            pictures_dropped: Some(pictures.dropped),
            pictures_refused: Some(pictures.refused),
            pictures_error: pictures.last_error,
            cameras: self.fleet.health(period),
        };
        let at = clock::now();
        let message = Message { id: new_id(at), camera: None, time: at, body: Body::Health(data) };
        if let Err(error) = self.outbox.push(vec![message]) {
            tracing::warn!(%error, "health is not kept");
        }
    }
}

fn put_in_force(fleet: &mut Fleet, pushed: &EdgeConfig, dir: &Path) -> Result<(), String> {
    let mistakes = camera_mistakes(&pushed.cameras);
    if !mistakes.is_empty() {
        return Err(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    }
    fleet.apply(pushed.version, &pushed.cameras).map_err(|error| error.to_string())?;
    if let Err(error) = store_config(dir, pushed) {
        // It runs all the same; the center pushes it again after the next start.
        tracing::error!(%error, "configuration cannot be stored");
    }
    Ok(())
}

fn config_file(dir: &Path) -> PathBuf {
    dir.join("config.json")
}

/// The configuration to begin with: the last pushed one, else the file's.
fn first_config(settings: &EdgeSettings) -> EdgeConfig {
    let file = config_file(&settings.data_dir);
    let own = EdgeConfig { version: 0, cameras: settings.cameras.clone() };
    let Ok(text) = std::fs::read_to_string(&file) else { return own };
    match serde_json::from_str::<EdgeConfig>(&text) {
        Ok(stored) if camera_mistakes(&stored.cameras).is_empty() => stored,
        Ok(_) | Err(_) => {
            tracing::error!(file = %file.display(), "stored configuration cannot be used; taking the file's cameras");
            own
        }
    }
}

/// Writes beside and renames, so that a crash leaves the old one or the new one.
fn store_config(dir: &Path, config: &EdgeConfig) -> anyhow::Result<()> {
    let beside = dir.join("config.json.new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(&serde_json::to_vec_pretty(config)?)?;
    file.sync_all()?;
    std::fs::rename(&beside, config_file(dir))?;
    std::fs::File::open(dir)?.sync_all()?;
    Ok(())
}

/// The way to the center: the outbox for messages, the spool for pictures, and the memory of what is active.
struct Safe {
    outbox: Outbox,
    evidence: Evidence,
    open_events: OpenEvents,
}

impl Delivery for Safe {
    fn push(&self, messages: Vec<Message>) {
        // Starts are noted before they are pushed, ends after: a crash between may end an event twice, never not at all.
        self.open_events.note_starts(&messages);
        let ends = OpenEvents::ends_in(&messages);
        if let Err(error) = self.outbox.push(messages) {
            tracing::error!(%error, "messages are not on disk");
        }
        self.open_events.forget(&ends);
    }

    fn keep(&self, camera: &CameraId, jpeg: &[u8], taken_at: DateTime<Utc>) -> Option<String> {
        match self.evidence.keep(camera, jpeg, taken_at) {
            Ok(name) => Some(name),
            Err(error) => {
                tracing::warn!(%camera, %error, "snapshot is not kept");
                None
            }
        }
    }

    fn newest(&self, camera: &CameraId, jpeg: Vec<u8>, taken_at: DateTime<Utc>) {
        self.evidence.newest(camera, jpeg, taken_at);
    }
}
