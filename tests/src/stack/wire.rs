//! A bare MQTT 5 client with a device's credential: for messages that no honest edge would send.

use anyhow::{Context, bail};
use bytes::Bytes;
use ngatu_protocol::Ack;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{LastWill, PubAckReason, Publish};
use rumqttc::v5::{AsyncClient, Event, Incoming, MqttOptions};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const REPLY_DEADLINE: Duration = Duration::from_secs(60);

/// Who connects where.
#[derive(Debug, Clone)]
pub struct WireOptions {
    /// Host and port of the broker.
    pub address: String,
    /// User name: the edge's id.
    pub user: String,
    /// The device secret.
    pub secret: String,
    /// Topic and payload that the broker publishes, retained, when the connection breaks.
    pub will: Option<(String, String)>,
}

/// An open connection. Dropping it breaks the connection without a goodbye, so the will is published.
#[derive(Debug)]
pub struct Wire {
    client: AsyncClient,
    pubacks: mpsc::UnboundedReceiver<PubAckReason>,
    subacks: mpsc::UnboundedReceiver<()>,
    messages: mpsc::UnboundedReceiver<Publish>,
    task: JoinHandle<()>,
}

impl Wire {
    /// Connects and waits for the broker's yes.
    ///
    /// # Errors
    /// When the broker refuses or does not answer.
    pub async fn connect(options: WireOptions) -> anyhow::Result<Wire> {
        let (host, port) = options.address.rsplit_once(':').context("an address is host:port")?;
        let id = format!("wire-{}-{}", options.user, uuid::Uuid::new_v4());
        let mut mqtt = MqttOptions::new(id, host.trim_matches(['[', ']']), port.parse()?);
        mqtt.set_credentials(options.user, options.secret);
        mqtt.set_keep_alive(Duration::from_secs(30));
        mqtt.set_max_packet_size(Some(16 * 1024 * 1024));
        mqtt.set_outgoing_inflight_upper_limit(100);
        mqtt.set_request_channel_capacity(1000);
        // As the uplink does. Else the answer to an acknowledgement, which nobody answers, holds back what follows for 40 ms.
        let mut network = rumqttc::NetworkOptions::new();
        network.set_tcp_nodelay(true);
        mqtt.set_network_options(network);
        if let Some((topic, payload)) = options.will {
            mqtt.set_last_will(LastWill::new(topic, payload, QoS::AtLeastOnce, true, None));
        }
        let (client, mut events) = AsyncClient::new(mqtt, 1000);
        let (puback, pubacks) = mpsc::unbounded_channel();
        let (suback, subacks) = mpsc::unbounded_channel();
        let (message, messages) = mpsc::unbounded_channel();
        let (hello, welcome) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            let mut hello = Some(hello);
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Incoming::ConnAck(_))) => drop(hello.take().map(|h| h.send(Ok(())))),
                    Ok(Event::Incoming(Incoming::PubAck(ack))) => drop(puback.send(ack.reason)),
                    Ok(Event::Incoming(Incoming::SubAck(_))) => drop(suback.send(())),
                    Ok(Event::Incoming(Incoming::Publish(publish))) => drop(message.send(publish)),
                    Ok(_) => {}
                    Err(error) => {
                        if let Some(hello) = hello.take() {
                            let _ = hello.send(Err(error.to_string()));
                        }
                        return;
                    }
                }
            }
        });
        match tokio::time::timeout(REPLY_DEADLINE, welcome).await {
            Ok(Ok(Ok(()))) => Ok(Wire { client, pubacks, subacks, messages, task }),
            Ok(Ok(Err(error))) => bail!("the broker refused the connection: {error}"),
            _ => bail!("the broker did not answer within {REPLY_DEADLINE:?}"),
        }
    }

    /// Publishes at QoS 1 and returns the broker's answer.
    ///
    /// # Errors
    /// When the connection is gone or no answer comes.
    pub async fn publish(
        &mut self,
        topic: &str,
        payload: impl Into<Bytes>,
        retain: bool,
    ) -> anyhow::Result<PubAckReason> {
        self.client.publish_bytes(topic, QoS::AtLeastOnce, retain, payload.into()).await?;
        self.puback().await
    }

    /// Publishes all payloads at QoS 1 without waiting between them; returns when the broker has taken each.
    ///
    /// # Errors
    /// When the connection is gone or an answer is missing.
    pub async fn publish_all(&mut self, topic: &str, payloads: Vec<Bytes>) -> anyhow::Result<()> {
        let wanted = payloads.len();
        let client = self.client.clone();
        let topic = topic.to_owned();
        // A task of its own, because the answers must be read while the queue is full.
        let sender = tokio::spawn(async move {
            for payload in payloads {
                client.publish_bytes(topic.as_str(), QoS::AtLeastOnce, false, payload).await?;
            }
            anyhow::Ok(())
        });
        for _ in 0..wanted {
            self.puback().await?;
        }
        sender.await?
    }

    /// Queues a publication at QoS 1 and does not wait for the broker's answer.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send(&self, topic: &str, payload: impl Into<Bytes>) -> anyhow::Result<()> {
        Ok(self.client.publish_bytes(topic, QoS::AtLeastOnce, false, payload.into()).await?)
    }

    async fn puback(&mut self) -> anyhow::Result<PubAckReason> {
        match tokio::time::timeout(REPLY_DEADLINE, self.pubacks.recv()).await {
            Ok(Some(reason)) => Ok(reason),
            Ok(None) => bail!("the broker closed the connection"),
            Err(_) => bail!("no PUBACK within {REPLY_DEADLINE:?}"),
        }
    }

    /// Subscribes and waits until the broker has; what comes is read with [`Wire::message`].
    ///
    /// # Errors
    /// When the connection is gone or no answer comes.
    pub async fn subscribe(&mut self, filter: &str) -> anyhow::Result<()> {
        self.client.subscribe(filter, QoS::AtLeastOnce).await?;
        match tokio::time::timeout(REPLY_DEADLINE, self.subacks.recv()).await {
            Ok(Some(())) => Ok(()),
            Ok(None) => bail!("the broker closed the connection"),
            Err(_) => bail!("no SUBACK within {REPLY_DEADLINE:?}"),
        }
    }

    /// The next message of a subscription.
    ///
    /// # Errors
    /// When none comes in time.
    pub async fn message(&mut self) -> anyhow::Result<Publish> {
        match tokio::time::timeout(REPLY_DEADLINE, self.messages.recv()).await {
            Ok(Some(publish)) => Ok(publish),
            Ok(None) => bail!("the broker closed the connection"),
            Err(_) => bail!("no message within {REPLY_DEADLINE:?}"),
        }
    }

    /// Reads acknowledgements until one fits.
    ///
    /// # Errors
    /// When none comes in time; the last one is named.
    pub async fn ack(&mut self, fits: impl Fn(&Ack) -> bool) -> anyhow::Result<Ack> {
        let mut last = None;
        loop {
            let publish =
                self.message().await.with_context(|| format!("the last acknowledgement was {last:?}"))?;
            if let Ok(ack) = serde_json::from_slice::<Ack>(&publish.payload) {
                if fits(&ack) {
                    return Ok(ack);
                }
                last = Some(ack);
            }
        }
    }

    /// Says goodbye, so that no will is published.
    pub async fn disconnect(self) {
        let _ = self.client.disconnect().await;
        let _ = tokio::time::timeout(REPLY_DEADLINE, async {
            while !self.task.is_finished() {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}
