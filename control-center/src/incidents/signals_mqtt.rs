//! Signals over MQTT, `ngatu/v1/signals/{source}`: a connection of its own, apart from the edges' lanes.
//!
//! A message is confirmed to the broker after it is committed, or after it was put among the dead letters with its reason.
//! While the database is away nothing is confirmed; the broker sends again after the next connect.

use super::signal::Signal;
use super::signals::{PACE, SignalError, take_signal};
use crate::access::limits::{Limiter, Quota};
use crate::broker::BrokerAddress;
use crate::clock;
use ngatu_protocol::topic::PREFIX;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectProperties, ConnectReturnCode, Packet, Publish};
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use sqlx::PgPool;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const KEEP_ALIVE: Duration = Duration::from_secs(30);
const RETRY_AFTER: Duration = Duration::from_secs(1);
const MAX_PACKET_BYTES: u32 = 64 * 1024;
/// As much of a message is kept among the dead letters.
const MAX_DEAD_BYTES: usize = 4096;
/// The broker keeps for this long what came while the center was away.
const SESSION_S: u32 = 3600;

/// How often each source may speak, and how often it is written down that one spoke too often.
struct Pace {
    signals: Limiter<String>,
    letters: Limiter<String>,
}

/// Runs until `shutdown`.
pub async fn run(pool: PgPool, address: BrokerAddress, shutdown: CancellationToken) {
    let letters = Quota { burst: 1, every: Duration::from_secs(60) };
    let pace = Pace { signals: Limiter::new(PACE), letters: Limiter::new(letters) };
    let id = format!("ngatu-signals-{}", Uuid::new_v4().simple());
    let mut failing = false;
    while !shutdown.is_cancelled() {
        let why = tokio::select! {
            why = session((&pool, &pace), &address, &id, &mut failing) => why,
            () = shutdown.cancelled() => return,
        };
        if !failing {
            tracing::warn!(%why, "signals: lost the broker or the database; trying again");
            failing = true;
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY_AFTER) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// One connection from its begin to its end; answers why it ended.
async fn session(
    (pool, pace): (&PgPool, &Pace),
    address: &BrokerAddress,
    id: &str,
    failing: &mut bool,
) -> String {
    let mut options = MqttOptions::new(id, address.host.clone(), address.port);
    options.set_keep_alive(KEEP_ALIVE).set_clean_start(false).set_manual_acks(true);
    options.set_transport(address.transport());
    if let Some((user, password)) = &address.credentials {
        options.set_credentials(user, password);
    }
    let mut properties = ConnectProperties::new();
    properties.max_packet_size = Some(MAX_PACKET_BYTES);
    properties.receive_maximum = Some(20);
    properties.session_expiry_interval = Some(SESSION_S);
    options.set_connect_properties(properties);
    let (client, mut events) = AsyncClient::new(options, 64);
    loop {
        match events.poll().await {
            Err(error) => return error.to_string(),
            Ok(Event::Incoming(Packet::ConnAck(ack))) => {
                if ack.code != ConnectReturnCode::Success {
                    return format!("refused: {:?}", ack.code);
                }
                if let Err(error) = client.try_subscribe(format!("{PREFIX}/signals/+"), QoS::AtLeastOnce) {
                    return error.to_string();
                }
                *failing = false;
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                if let Err(error) = receive((pool, pace), &publish).await {
                    return error.to_string();
                }
                // The loop itself must never wait for the client: there is room, because at most 20 are under way.
                if let Err(error) = client.try_ack(&publish) {
                    return error.to_string();
                }
            }
            Ok(Event::Incoming(Packet::Disconnect(packet))) => {
                return format!("the broker ended the connection: {:?}", packet.reason_code);
            }
            Ok(_) => {}
        }
    }
}

/// Commits a message, as a signal or as a dead letter. Of what comes too often one letter a minute is kept.
async fn receive((pool, pace): (&PgPool, &Pace), publish: &Publish) -> Result<(), sqlx::Error> {
    let topic = String::from_utf8_lossy(&publish.topic).replace('\0', "\u{fffd}");
    let source = topic.strip_prefix(&format!("{PREFIX}/signals/")).unwrap_or_default().to_owned();
    let now = clock::now();
    let signal: Result<Signal, String> =
        serde_json::from_slice(&publish.payload).map_err(|error| error.to_string());
    let is_paced = pace.signals.take(source.clone(), clock::instant()).is_ok();
    if !is_paced && pace.letters.take(source.clone(), clock::instant()).is_err() {
        return Ok(());
    }
    let refused = match signal {
        _ if !is_paced => "too often: 600 at once, then ten a second; what came beyond is lost".to_owned(),
        Err(reason) => reason,
        Ok(signal) => {
            let mut transaction = pool.begin().await?;
            match take_signal(&mut transaction, &source, signal, None, now).await {
                Ok(_) => return transaction.commit().await,
                Err(SignalError::Database(error)) => return Err(error),
                Err(SignalError::Invalid(reason)) => reason,
            }
        }
    };
    let raw = &publish.payload[..publish.payload.len().min(MAX_DEAD_BYTES)];
    sqlx::query(
        "insert into dead_letters (received_at, edge, topic, reason, raw) values ($1, $2, $3, $4, $5)",
    )
    .bind(now)
    .bind(&source)
    .bind(&topic)
    .bind(refused.replace('\0', "\u{fffd}"))
    .bind(raw)
    .execute(pool)
    .await?;
    Ok(())
}
