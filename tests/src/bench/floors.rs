//! Floors: the bare parts, doing the same work without us.

use crate::bench::real;
use crate::clock;
use crate::stack::wire::{Wire, WireOptions};
use crate::stack::{Database, Process, StackDir};
use crate::virtual_edge::event;
use crate::wait::{Seen, wait_for};
use bytes::Bytes;
use ngatu_protocol::{Body, EdgeId};
use std::process::Command;
use std::time::Duration;
use uuid::Uuid;

/// A Mosquitto without passwords, for floors only.
#[derive(Debug)]
pub struct Broker {
    _process: Process,
    address: String,
}

impl Broker {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start(dir: &StackDir) -> anyhow::Result<Broker> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = dir.path().join("floor-mosquitto.conf");
        std::fs::write(
            &config,
            format!(
                "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nset_tcp_nodelay true\n"
            ),
        )?;
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(&config);
        let process = Process::start("floor mosquitto", command, &dir.path().join("floor-mosquitto.log"))?;
        let address = format!("127.0.0.1:{port}");
        wait_for("the floor's broker", Duration::from_secs(10), async || {
            tokio::net::TcpStream::connect(&address).await?;
            Ok(Seen::Ready(()))
        })
        .await?;
        Ok(Broker { _process: process, address })
    }

    /// Its address for an agent.
    #[must_use]
    pub fn url(&self) -> String {
        format!("mqtt://{}", self.address)
    }

    /// A client.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn client(&self, name: &str) -> anyhow::Result<Wire> {
        let options = WireOptions {
            address: self.address.clone(),
            user: name.into(),
            secret: String::new(),
            will: None,
        };
        Wire::connect(options).await
    }

    /// Payloads per second from a publisher through the broker to a subscriber, QoS 1 both ways.
    ///
    /// # Errors
    /// When a message is missing.
    pub async fn payloads_per_s(&self, payloads: Vec<Bytes>) -> anyhow::Result<f64> {
        let (mut publisher, mut subscriber) =
            (self.client("publisher").await?, self.client("subscriber").await?);
        subscriber.subscribe("floor").await?;
        publisher.publish("floor", "hello", false).await?;
        subscriber.message().await?;
        let wanted = payloads.len();
        let start = clock::instant();
        let publish = publisher.publish_all("floor", payloads);
        let receive = async {
            for _ in 0..wanted {
                subscriber.message().await?;
            }
            anyhow::Ok(())
        };
        tokio::try_join!(publish, receive)?;
        Ok(real(wanted) / start.elapsed().as_secs_f64())
    }
}

/// Rows per second of bare 500-row UNNEST inserts into the events table, one commit each.
///
/// # Errors
/// When an insert fails.
pub async fn unnest_rows_per_s(database: &Database, edge: &EdgeId, batches: u64) -> anyhow::Result<f64> {
    const ROWS: u64 = 500;
    let outbox = Uuid::new_v4();
    let sql = "insert into events (time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, zone,
                 track, class, confidence, data)
               select t.time, t.outbox, t.sequence, t.received_at, t.id, t.edge, t.camera, t.kind, t.phase, t.rule,
                 t.zone, t.track, t.class, t.confidence, t.data::jsonb
               from unnest($1::timestamptz[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::uuid[], $6::text[],
                 $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[],
                 $14::double precision[], $15::text[])
                 as t (time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, zone, track, class,
                   confidence, data)
               on conflict do nothing";
    let rows = usize::try_from(ROWS)?;
    let mut connection = database.pool().acquire().await?;
    let mut spent = Duration::ZERO;
    for batch in 0..batches {
        let now = clock::now();
        let messages: Vec<_> = (1..=ROWS).map(|i| event(batch * ROWS + i, now)).collect();
        let bodies: Vec<_> = messages
            .iter()
            .filter_map(|m| if let Body::Event(e) = &m.body { Some(e) } else { None })
            .collect();
        let data: Vec<String> = bodies.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        let first = i64::try_from(batch * ROWS)?;
        let query = sqlx::query(sql)
            .bind(vec![now; rows])
            .bind(vec![outbox; rows])
            .bind((1..=i64::try_from(ROWS)?).map(|i| first + i).collect::<Vec<_>>())
            .bind(vec![now; rows])
            .bind(messages.iter().map(|m| m.id).collect::<Vec<_>>())
            .bind(vec![edge.as_str(); rows])
            .bind(vec!["virtual"; rows])
            .bind(bodies.iter().map(|b| b.kind.as_str()).collect::<Vec<_>>())
            .bind(bodies.iter().map(|b| b.phase.as_str()).collect::<Vec<_>>())
            .bind(bodies.iter().map(|b| b.rule.as_str()).collect::<Vec<_>>())
            .bind(bodies.iter().map(|b| b.zone.as_ref().map(|z| z.as_str())).collect::<Vec<_>>())
            .bind(bodies.iter().map(|b| b.track.and_then(|t| i64::try_from(t).ok())).collect::<Vec<_>>())
            .bind(bodies.iter().map(|b| b.class.map(|c| c.as_str())).collect::<Vec<_>>())
            .bind(bodies.iter().map(|b| b.confidence).collect::<Vec<_>>())
            .bind(data);
        // Only the database's part counts: making the rows is the caller's work.
        let start = clock::instant();
        query.execute(&mut *connection).await?;
        spent += start.elapsed();
    }
    let inserted = real(usize::try_from(batches * ROWS)?);
    sqlx::query("delete from events where outbox = $1").bind(outbox).execute(&mut *connection).await?;
    Ok(inserted / spent.as_secs_f64())
}
