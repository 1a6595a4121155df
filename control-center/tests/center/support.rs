//! A center in a temporary folder, and an edge that speaks to it as a real one does.

use chrono::{DateTime, TimeDelta, Utc};
use control_center::app::App;
use control_center::city;
use control_center::clock;
use control_center::config::CenterConfig;
use ngatu_protocol::{Ack, EdgeId, Lane, OutboxId, Topic};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectProperties, Packet, PubAckReason};
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use sqlx::Connection as _;
use std::collections::HashMap;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

/// Looks until `look` answers something that `wanted` accepts; says what it saw last when that takes too long.
pub(crate) async fn until<T, F>(what: &str, wanted: impl Fn(&T) -> bool, mut look: F) -> T
where
    T: Debug,
    F: AsyncFnMut() -> T,
{
    let end = clock::instant() + Duration::from_secs(60);
    loop {
        let seen = look().await;
        if wanted(&seen) {
            return seen;
        }
        assert!(clock::instant() < end, "no {what} within a minute; last seen: {seen:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A folder that the servers' users can pass through.
pub(crate) fn folder() -> TempDir {
    let dir = tempfile::Builder::new().prefix("ngatu-center-").tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

pub(crate) const SETTINGS: &str =
    "data_dir = \"DIR/data\"\n[http]\nlisten = [\"127.0.0.1:0\"]\n[mqtt]\nlisten = \"127.0.0.1:0\"\n";

pub(crate) fn config(dir: &Path) -> CenterConfig {
    config_with(dir, "")
}

pub(crate) fn config_with(dir: &Path, more: &str) -> CenterConfig {
    let text = SETTINGS.replace("DIR", dir.to_str().unwrap()) + more;
    CenterConfig::parse(Path::new("center.toml"), &text).unwrap()
}

/// A running center and its folder.
pub(crate) struct Center {
    pub(crate) app: App,
    pub(crate) dir: TempDir,
}

impl Center {
    pub(crate) async fn start() -> Center {
        Center::start_in(folder(), "").await
    }

    /// With more lines in its configuration.
    pub(crate) async fn start_with(more: &str) -> Center {
        Center::start_in(folder(), more).await
    }

    /// Waits until it hears what edges publish: these edges say everything once.
    async fn start_in(dir: TempDir, more: &str) -> Center {
        let app = App::start(config_with(dir.path(), more)).await.unwrap();
        let center = Center { app, dir };
        center.until_it_hears().await;
        center
    }

    pub(crate) async fn until_it_hears(&self) {
        let parts = self.app.parts();
        let hears = async || parts.borrow().get("broker").is_some_and(|part| part.ready);
        until("connection of the center to its broker", |ready| *ready, hears).await;
    }

    pub(crate) async fn again(self) -> Center {
        self.again_with("").await
    }

    pub(crate) async fn again_with(self, more: &str) -> Center {
        let Center { app, dir } = self;
        app.stop().await;
        Center::start_in(dir, more).await
    }

    pub(crate) fn mqtt(&self) -> SocketAddr {
        self.app.mqtt().unwrap()
    }

    pub(crate) async fn enroll(&self, edge: &str) -> String {
        city::enroll(self.app.pool(), &EdgeId::new(edge).unwrap(), None, clock::now()).await.unwrap()
    }

    /// An enrolled and connected edge.
    pub(crate) async fn edge(&self, name: &str) -> Edge {
        let secret = self.enroll(name).await;
        Edge::connect(self.mqtt(), name, &secret).await
    }

    /// What the center's own role may not do.
    pub(crate) async fn as_owner(&self, sql: &'static str) {
        let mut owner = sqlx::PgConnection::connect_with(self.app.database().owner()).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut owner).await.unwrap();
        owner.close().await.unwrap();
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = format!("select count(*) from {table}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(self.app.pool()).await.unwrap_or(-1)
    }

    pub(crate) async fn value<T>(&self, sql: &'static str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(sql).fetch_one(self.app.pool()).await.unwrap()
    }

    pub(crate) async fn values<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(sql).fetch_all(self.app.pool()).await.unwrap()
    }
}

/// What an edge heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) acks: HashMap<(OutboxId, Lane), u64>,
    pub(crate) configs: Vec<String>,
    /// Topics of all that came, for checking rights.
    pub(crate) topics: Vec<String>,
    pub(crate) pubacks: Vec<PubAckReason>,
    pub(crate) connected: bool,
    pub(crate) refused: Option<String>,
}

/// An edge as seen from the broker. It connects again by itself and forgets nothing that it heard.
pub(crate) struct Edge {
    pub(crate) id: EdgeId,
    pub(crate) outbox: OutboxId,
    pub(crate) client: AsyncClient,
    pub(crate) heard: Arc<Mutex<Heard>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Edge {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Edge {
    /// Connects, however long the broker takes to hear of the enrolment.
    pub(crate) async fn connect(broker: SocketAddr, name: &str, secret: &str) -> Edge {
        let edge = Edge::begin(broker, name, secret);
        until("connection of an edge", |connected| *connected, async || edge.heard.lock().unwrap().connected)
            .await;
        // Refusals from before the broker had heard of it say nothing of what comes.
        edge.heard.lock().unwrap().refused = None;
        edge
    }

    /// Begins to connect.
    pub(crate) fn begin(broker: SocketAddr, name: &str, secret: &str) -> Edge {
        let mut options =
            MqttOptions::new(format!("{name}-{}", Uuid::new_v4()), broker.ip().to_string(), broker.port());
        options.set_credentials(name, secret);
        Edge::begin_with(options, name)
    }

    /// Begins to connect in some way.
    pub(crate) fn begin_with(mut options: MqttOptions, name: &str) -> Edge {
        let id = EdgeId::new(name).unwrap();
        let mut properties = ConnectProperties::new();
        properties.max_packet_size = Some(1024 * 1024);
        options.set_connect_properties(properties);
        let (client, mut events) = AsyncClient::new(options, 1000);
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (hear, speak, own) = (Arc::clone(&heard), client.clone(), id.clone());
        let task = tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        for topic in [Topic::Ack(own.clone()), Topic::Config(own.clone())] {
                            speak.try_subscribe(topic.to_string(), QoS::AtLeastOnce).unwrap();
                        }
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => hear.lock().unwrap().connected = true,
                    Ok(Event::Incoming(Packet::PubAck(ack))) => hear.lock().unwrap().pubacks.push(ack.reason),
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let mut heard = hear.lock().unwrap();
                        let topic = String::from_utf8_lossy(&publish.topic).into_owned();
                        if topic.ends_with("/ack") {
                            let ack: Ack = serde_json::from_slice(&publish.payload).unwrap();
                            heard.acks.insert((ack.outbox, ack.lane), ack.upto);
                        } else if topic.ends_with("/config") {
                            heard.configs.push(String::from_utf8_lossy(&publish.payload).into_owned());
                        }
                        heard.topics.push(topic);
                    }
                    Ok(_) => {}
                    Err(error) => {
                        {
                            let mut heard = hear.lock().unwrap();
                            heard.connected = false;
                            heard.refused = Some(error.to_string());
                        }
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
        });
        Edge { id, outbox: OutboxId(Uuid::now_v7()), client, heard, task }
    }

    /// Publishes in one of the edge's own lanes.
    pub(crate) async fn send(&self, lane: Lane, payload: impl Into<Vec<u8>>) {
        self.publish(&Topic::Lane(self.id.clone(), lane).to_string(), payload).await;
    }

    pub(crate) async fn publish(&self, topic: &str, payload: impl Into<Vec<u8>>) {
        self.client.publish(topic, QoS::AtLeastOnce, false, payload.into()).await.unwrap();
    }

    /// The newest acknowledgement of a lane; 0 before the first.
    pub(crate) fn acked(&self, lane: Lane) -> u64 {
        self.heard.lock().unwrap().acks.get(&(self.outbox, lane)).copied().unwrap_or(0)
    }

    pub(crate) async fn until_acked(&self, lane: Lane, upto: u64) {
        until("acknowledgement", |seen| *seen == upto, async || self.acked(lane)).await;
    }

    /// An event of that number: odd ones start, even ones end the track of the one before; a new rule every 20.
    pub(crate) fn event(&self, sequence: u64) -> String {
        self.event_of_rule(sequence, sequence.div_ceil(20))
    }

    /// The same of one rule.
    pub(crate) fn event_of_rule(&self, sequence: u64, rule: u64) -> String {
        let track = sequence.div_ceil(2);
        let phase = if sequence % 2 == 1 { "start" } else { "end" };
        let data = format!(
            r#"{{"kind":"intrusion","rule":"rule-{rule}","zone":"yard","track":{track},"phase":"{phase}","confidence":0.5}}"#
        );
        self.envelope("event", sequence, &data)
    }

    pub(crate) fn health(&self, sequence: u64, uptime_s: u64) -> String {
        let camera = r#"{"online":true,"fps_in":25,"fps_analysed":5,"detector_share":1,"stage_ms":{},"restarts":0,
            "width_px":640,"height_px":480}"#;
        let data = format!(
            r#"{{"uptime_s":{uptime_s},"version":"9.9","memory_bytes":1,"disk_free_bytes":1,"outbox_depth":{{}},
            "cameras":{{"north":{camera}}}}}"#
        );
        self.envelope("health", sequence, &data)
    }

    pub(crate) fn envelope(&self, kind: &str, sequence: u64, data: &str) -> String {
        let id = Uuid::from_u128(self.outbox.0.as_u128() ^ (u128::from(sequence) << 64));
        let time = time_of(sequence).to_rfc3339();
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"/edges/{}/cameras/north","type":"vn.ngatu.{kind}.v1",
            "time":"{time}","sequence":{sequence},"outbox":"{}","data":{data}}}"#,
            self.id, self.outbox
        )
    }
}

/// When a test's message happened: the same for each sending of it, a little before the tests began.
pub(crate) fn time_of(sequence: u64) -> DateTime<Utc> {
    static BEGIN: std::sync::OnceLock<DateTime<Utc>> = std::sync::OnceLock::new();
    let begin = BEGIN.get_or_init(|| clock::now() - TimeDelta::minutes(1));
    *begin + TimeDelta::milliseconds(i64::try_from(sequence).unwrap())
}

pub(crate) fn array(messages: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", messages.into_iter().collect::<Vec<_>>().join(","))
}
