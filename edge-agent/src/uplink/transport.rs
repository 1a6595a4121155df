//! One connection to the broker, behind a trait so that the session does not know the MQTT library.
//!
//! The library's loop runs in a task of its own and only speaks: nothing that it could wait for ever waits for it.
//! A connection that failed is thrown away with all of the library's state, since the outbox knows what to send again.

use async_trait::async_trait;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, LastWill, Packet, PubAckReason, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ConnectionError, Event as LoopEvent, EventLoop, MqttOptions};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::rustls::ClientConfig;
use url::Url;

/// Largest packet that is taken from the broker: a configuration with many cameras.
const MAX_PACKET_BYTES: u32 = 4 * 1024 * 1024;
/// Requests that the library's queue takes; the session keeps fewer outstanding.
const QUEUE: usize = 64;
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// What happened on the connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    Connected,
    Message {
        topic: String,
        payload: Vec<u8>,
    },
    /// The broker answered one publication; `Some` says why it refused.
    Published(Option<String>),
    /// The broker answered a subscription; `Some` says why it refused.
    Subscribed(Option<String>),
    Closed(Closed),
}

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) reason: String,
    /// The broker knows this edge not, or not with this secret: trying again soon is no use.
    pub(super) refused: bool,
}

/// What the session needs of a connection. Nothing here waits for the network except `event`.
#[async_trait]
pub(super) trait Transport: Send {
    /// Queues a publication with QoS 1; false when the queue is full.
    fn publish(&mut self, topic: &str, payload: String, retain: bool) -> bool;
    /// Queues a subscription with QoS 1; false when the queue is full.
    fn subscribe(&mut self, topic: &str) -> bool;
    /// Queues the farewell that keeps the will unsent; false when the queue is full.
    fn disconnect(&mut self) -> bool;
    /// The next thing that happened. May be dropped and called again without losing any.
    async fn event(&mut self) -> Event;
}

/// Where and as whom to connect.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: bool,
}

impl Address {
    /// Reads `mqtt://host:port` or `mqtts://host:port`.
    pub(super) fn parse(text: &str) -> Result<Address, String> {
        let url = Url::parse(text).map_err(|e| e.to_string())?;
        let (tls, port) = match url.scheme() {
            "mqtt" => (false, 1883),
            "mqtts" => (true, 8883),
            other => return Err(format!("`{other}` is not mqtt or mqtts")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("name and secret do not belong in the address".into());
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no host")?;
        // A certificate names an address without brackets, and so does the library when it looks for it.
        let host = if tls { host.trim_matches(['[', ']']) } else { host };
        Ok(Address { host: host.into(), port: url.port().unwrap_or(port), tls })
    }
}

/// The real thing.
pub(super) struct Mqtt {
    client: AsyncClient,
    events: mpsc::Receiver<Event>,
    pump: JoinHandle<()>,
}

impl Drop for Mqtt {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

impl Mqtt {
    /// Begins to connect; `will` is (topic, payload), retained.
    pub(super) fn connect(
        address: &Address,
        (name, secret): (&str, &str),
        tls: Option<Arc<ClientConfig>>,
        will: (String, String),
    ) -> Mqtt {
        let mut options = MqttOptions::new(name, &address.host, address.port);
        options
            .set_credentials(name, secret)
            .set_clean_start(true)
            .set_keep_alive(KEEP_ALIVE)
            .set_max_packet_size(Some(MAX_PACKET_BYTES))
            .set_outgoing_inflight_upper_limit(100)
            .set_last_will(LastWill::new(will.0, will.1, QoS::AtLeastOnce, true, None));
        let mut network = rumqttc::NetworkOptions::new();
        network.set_tcp_nodelay(true);
        options.set_network_options(network);
        if let Some(tls) = tls {
            let tls = rumqttc::TlsConfiguration::Rustls(tls);
            options.set_transport(rumqttc::Transport::tls_with_config(tls));
        }
        let (client, event_loop) = AsyncClient::new(options, QUEUE);
        let (sender, events) = mpsc::channel(1024);
        Mqtt { client, events, pump: tokio::spawn(pump(event_loop, sender)) }
    }
}

async fn pump(mut event_loop: EventLoop, events: mpsc::Sender<Event>) {
    loop {
        let (event, last) = match event_loop.poll().await {
            Ok(LoopEvent::Incoming(packet)) => match translate(packet) {
                Some(event) => (event, false),
                None => continue,
            },
            Ok(LoopEvent::Outgoing(_)) => continue,
            Err(error) => (Event::Closed(closed(&error)), true),
        };
        if events.send(event).await.is_err() || last {
            return;
        }
    }
}

fn translate(packet: Packet) -> Option<Event> {
    match packet {
        Packet::ConnAck(_) => Some(Event::Connected),
        Packet::Publish(publish) => Some(Event::Message {
            topic: String::from_utf8_lossy(&publish.topic).into_owned(),
            payload: publish.payload.to_vec(),
        }),
        Packet::PubAck(ack) => Some(Event::Published(match ack.reason {
            PubAckReason::Success | PubAckReason::NoMatchingSubscribers => None,
            reason => Some(format!("{reason:?}")),
        })),
        Packet::SubAck(ack) => Some(Event::Subscribed(
            ack.return_codes
                .iter()
                .find(|code| !matches!(code, SubscribeReasonCode::Success(_)))
                .map(|code| format!("{code:?}")),
        )),
        _ => None,
    }
}

fn closed(error: &ConnectionError) -> Closed {
    let refused = matches!(
        error,
        ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword
                | ConnectReturnCode::NotAuthorized
                | ConnectReturnCode::Banned
                | ConnectReturnCode::BadClientId
                | ConnectReturnCode::ClientIdentifierNotValid
        )
    );
    let text = error.to_string();
    // TLS tells why a certificate is refused by an alert, and with TLS 1.3 only after the edge believes to be connected.
    if text.contains("received fatal alert") {
        let reason =
            format!("the broker refuses this edge's certificate ({text}): check mqtt.certificate_file");
        return Closed { reason, refused: true };
    }
    let reason = match error {
        ConnectionError::ConnectionRefused(code) if refused => {
            format!("the broker refuses this edge ({code:?}): check its name and secret")
        }
        _ => text,
    };
    Closed { reason, refused }
}

#[async_trait]
impl Transport for Mqtt {
    fn publish(&mut self, topic: &str, payload: String, retain: bool) -> bool {
        self.client.try_publish(topic, QoS::AtLeastOnce, retain, payload).is_ok()
    }

    fn subscribe(&mut self, topic: &str) -> bool {
        self.client.try_subscribe(topic, QoS::AtLeastOnce).is_ok()
    }

    fn disconnect(&mut self) -> bool {
        self.client.try_disconnect().is_ok()
    }

    async fn event(&mut self) -> Event {
        self.events.recv().await.unwrap_or_else(|| {
            Event::Closed(Closed { reason: "the connection's task has ended".into(), refused: false })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_or_refused_with_the_reason() {
        let table = [
            ("mqtt://127.0.0.1", Ok(("127.0.0.1", 1883, false))),
            ("mqtt://[::1]:2883", Ok(("[::1]", 2883, false))),
            ("mqtts://broker.example", Ok(("broker.example", 8883, true))),
            ("mqtts://[::1]:2883", Ok(("::1", 2883, true))),
            ("http://127.0.0.1", Err("is not mqtt")),
            ("mqtt://a:b@127.0.0.1", Err("do not belong")),
            ("mqtt:", Err("no host")),
            ("127.0.0.1:1883", Err("")),
        ];
        for (text, wanted) in table {
            match (Address::parse(text), wanted) {
                (Ok(a), Ok(wanted)) => assert_eq!((a.host.as_str(), a.port, a.tls), wanted),
                (Err(e), Err(wanted)) => assert!(e.contains(wanted), "{text}: {e}"),
                (got, _) => panic!("{text} gave {got:?}"),
            }
        }
    }
}
