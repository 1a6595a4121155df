//! The connection to the broker, behind two boxes: what comes in goes to the inbox, what goes out is taken from outgoing.
//!
//! After any error the client and its loop are thrown away and made anew: a loop that lives on after a lost session can
//! wait for ever for an acknowledgement that will not come. The loop waits for nothing but the inbox, which answers
//! within seconds; what goes out is handed over by a task of its own.

use super::inbox::{Inbox, Received};
use super::outgoing::Outgoing;
use crate::broker::BrokerAddress;
use crate::clock;
use crate::supervise::Status;
use ngatu_protocol::{Lane, Topic};
use rumqttc::NetworkOptions;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectProperties, ConnectReturnCode, Filter, Packet, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// No event at all for this long: the loop is stuck. Pings alone make events more often.
const STUCK_AFTER: Duration = Duration::from_secs(90);
/// Larger than what the private broker passes on, so that an oversized payload is seen and refused by name.
const MAX_PACKET_BYTES: u32 = 1024 * 1024;
const REQUESTS: usize = 200;

/// What the connection works with.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) address: BrokerAddress,
    pub(crate) inbox: Inbox,
    pub(crate) outgoing: Outgoing,
    pub(crate) status: Status,
    /// Rung after each connect: the broker may have forgotten what it kept.
    pub(crate) connected: Arc<Notify>,
}

/// Keeps the connection until `shutdown`, then says goodbye.
pub(crate) async fn run(link: Link, shutdown: CancellationToken) {
    let mut delay = Duration::from_millis(50);
    while !shutdown.is_cancelled() {
        let started = clock::instant();
        let why = session(&link, &shutdown).await;
        if shutdown.is_cancelled() {
            return;
        }
        link.status.set("broker", false, why);
        if started.elapsed() > Duration::from_secs(10) {
            delay = Duration::from_millis(50);
        }
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = shutdown.cancelled() => return,
        }
        delay = (delay * 2).min(Duration::from_secs(2));
    }
}

/// One connection from its begin to its end; answers why it ended.
async fn session(link: &Link, shutdown: &CancellationToken) -> String {
    let (client, mut events) = AsyncClient::new(options(&link.address), REQUESTS);
    let outgoing = link.outgoing.clone();
    let speaker = client.clone();
    let mut speaking = None;
    let why = loop {
        let event = tokio::select! {
            event = tokio::time::timeout(STUCK_AFTER, events.poll()) => event,
            () = shutdown.cancelled() => {
                say_goodbye(&client, &mut events).await;
                break "stopped".to_owned();
            }
        };
        match event {
            Err(_) => break format!("nothing moved for {STUCK_AFTER:?}, connecting anew"),
            Ok(Err(error)) => break error.to_string(),
            Ok(Ok(Event::Incoming(Packet::ConnAck(ack)))) => {
                if ack.code != ConnectReturnCode::Success {
                    break format!("refused: {:?}", ack.code);
                }
                if let Err(error) = client.try_subscribe_many(filters()) {
                    break error.to_string();
                }
                speaking = Some(tokio::spawn(speak(outgoing.clone(), speaker.clone())));
            }
            Ok(Ok(Event::Incoming(Packet::SubAck(ack)))) => {
                let refused =
                    ack.return_codes.iter().find(|code| !matches!(code, SubscribeReasonCode::Success(_)));
                if let Some(reason) = refused {
                    break format!("the broker refuses to let the center subscribe: {reason:?}");
                }
                link.status.set("broker", true, format!("{}:{}", link.address.host, link.address.port));
                link.connected.notify_one();
            }
            Ok(Ok(Event::Incoming(Packet::Publish(publish)))) => {
                let (topic, payload) = (publish.topic, publish.payload);
                link.inbox.push(Received { topic, payload, at: clock::now() }).await;
            }
            Ok(Ok(Event::Incoming(Packet::Disconnect(packet)))) => {
                break format!("the broker ended the connection: {:?}", packet.reason_code);
            }
            Ok(Ok(_)) => {}
        }
    };
    if let Some(speaking) = speaking {
        speaking.abort();
    }
    why
}

fn options(address: &BrokerAddress) -> MqttOptions {
    let id = format!("ngatu-center-{}", Uuid::new_v4().simple());
    let mut options = MqttOptions::new(id, address.host.clone(), address.port);
    options.set_keep_alive(KEEP_ALIVE).set_clean_start(true);
    options.set_transport(address.transport());
    if let Some((user, password)) = &address.credentials {
        options.set_credentials(user, password);
    }
    let mut properties = ConnectProperties::new();
    properties.max_packet_size = Some(MAX_PACKET_BYTES);
    properties.receive_maximum = Some(200);
    options.set_connect_properties(properties);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network.set_connection_timeout(5);
    options.set_network_options(network);
    options
}

fn filters() -> Vec<Filter> {
    let lanes = Lane::ALL.into_iter().map(Topic::all_edges);
    lanes.chain([Topic::all_states()]).map(|filter| Filter::new(filter, QoS::AtLeastOnce)).collect()
}

/// Hands over what waits to go out, for as long as the connection lasts. What was handed over when it breaks is lost,
/// which the edges repair: they send again what they saw no acknowledgement of.
async fn speak(outgoing: Outgoing, client: AsyncClient) {
    loop {
        let next = outgoing.next().await;
        if client.publish(next.topic, QoS::AtLeastOnce, next.retain, next.payload).await.is_err() {
            return;
        }
    }
}

/// Sends what was handed over, then the farewell.
async fn say_goodbye(client: &AsyncClient, events: &mut EventLoop) {
    let _ = client.try_disconnect();
    let _ = tokio::time::timeout(Duration::from_secs(1), async {
        while !matches!(events.poll().await, Err(_) | Ok(Event::Outgoing(rumqttc::Outgoing::Disconnect))) {}
    })
    .await;
}
