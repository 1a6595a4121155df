//! A unit's own systems, outside of the center: a receiver of webhooks, a mail server, a listener on the broker.
//!
//! Small but real: each speaks its protocol over a socket and keeps what arrives, in order.

use crate::stack::Center;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, Event, Incoming, MqttOptions};
use std::collections::HashMap;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Largest body that is read, bytes.
const MAX_BODY: usize = 1 << 20;
/// Between two tries to reach the broker.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// A message with its headers; their names are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The headers.
    pub headers: HashMap<String, String>,
    /// What comes after them.
    pub body: String,
}

impl Received {
    /// A header, empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// A server that keeps what arrives. It ends when it is dropped.
#[derive(Debug)]
pub struct Outside<T> {
    address: SocketAddr,
    kept: Arc<Mutex<Vec<T>>>,
    task: JoinHandle<()>,
}

impl<T> Drop for Outside<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn keep<T>(kept: &Mutex<Vec<T>>, one: T) -> usize {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push(one);
    kept.len()
}

impl<T: Clone> Outside<T> {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has arrived until now.
    #[must_use]
    pub fn received(&self) -> Vec<T> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Outside<Received> {
    /// A receiver of webhooks that says 204, but leaves the first `unanswered` without an answer for ever.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn webhook(unanswered: usize) -> anyhow::Result<Outside<Received>> {
        let serve = move |stream: TcpStream, kept: Arc<Mutex<Vec<Received>>>| async move {
            let mut stream = BufReader::new(stream);
            let mut request = String::new();
            stream.read_line(&mut request).await?;
            let headers = read_headers(&mut stream).await?;
            let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            let mut body = vec![0; MAX_BODY.min(length)];
            stream.read_exact(&mut body).await?;
            let body = String::from_utf8_lossy(&body).into_owned();
            if keep(&kept, Received { headers, body }) <= unanswered {
                return pending().await;
            }
            stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await?;
            Ok(())
        };
        start(serve).await
    }

    /// A mail server of RFC 5321's smallest kind. The first `unanswered` mails are taken, but that is not said.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn mail(unanswered: usize) -> anyhow::Result<Outside<Received>> {
        let serve = move |stream: TcpStream, kept: Arc<Mutex<Vec<Received>>>| async move {
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 test\r\n").await?;
            let mut line = String::new();
            while stream.read_line(&mut line).await? > 0 {
                let verb = line.split_whitespace().next().unwrap_or_default().to_uppercase();
                let answer: &[u8] = match verb.as_str() {
                    "DATA" => {
                        stream.write_all(b"354 go on\r\n").await?;
                        let headers = read_headers(&mut stream).await?;
                        let mut body = String::new();
                        while stream.read_line(&mut body).await? > 0 && !body.ends_with("\r\n.\r\n") {}
                        if keep(&kept, Received { headers, body }) <= unanswered {
                            return pending().await;
                        }
                        b"250 kept\r\n"
                    }
                    "QUIT" => b"221 bye\r\n",
                    _ => b"250 test\r\n",
                };
                stream.write_all(answer).await?;
                line.clear();
            }
            Ok(())
        };
        start(serve).await
    }
}

async fn start<F>(
    serve: impl Fn(TcpStream, Arc<Mutex<Vec<Received>>>) -> F + Send + 'static,
) -> anyhow::Result<Outside<Received>>
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (address, kept) = (listener.local_addr()?, Arc::<Mutex<Vec<Received>>>::default());
    let own = Arc::clone(&kept);
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let served = serve(stream, Arc::clone(&own));
            tokio::spawn(async move {
                if let Err(error) = served.await {
                    tracing::debug!(%error, "a connection broke");
                }
            });
        }
    });
    Ok(Outside { address, kept, task })
}

async fn read_headers(stream: &mut BufReader<TcpStream>) -> std::io::Result<HashMap<String, String>> {
    let (mut headers, mut line) = (HashMap::new(), String::new());
    while stream.read_line(&mut line).await? > 0 && !line.trim_end().is_empty() {
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        line.clear();
    }
    Ok(headers)
}

/// A unit's system on the broker: listens to the unit's own topic, and comes back when the broker was away.
#[derive(Debug)]
pub struct Listener {
    kept: Arc<Mutex<Vec<String>>>,
    listens: watch::Receiver<bool>,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    /// Listens to `ngatu/v1/units/{unit}/dispatches` with the unit's credential.
    ///
    /// # Errors
    /// When the center's broker has no address.
    pub fn start(center: &Center, unit: &str, secret: &str) -> anyhow::Result<Listener> {
        let (host, port) = center.mqtt_address().rsplit_once(':').unwrap_or(("127.0.0.1", "0"));
        let mut options = MqttOptions::new(unit, host, port.parse()?);
        options.set_credentials(unit, secret);
        let topic = format!("ngatu/v1/units/{unit}/dispatches");
        let (client, mut events) = AsyncClient::new(options, 16);
        let kept = Arc::<Mutex<Vec<String>>>::default();
        let (says, listens) = watch::channel(false);
        let own = Arc::clone(&kept);
        let task = tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Incoming::ConnAck(_))) => {
                        let _ = client.try_subscribe(topic.as_str(), QoS::AtLeastOnce);
                    }
                    Ok(Event::Incoming(Incoming::SubAck(_))) => drop(says.send(true)),
                    Ok(Event::Incoming(Incoming::Publish(publish))) => {
                        keep(&own, String::from_utf8_lossy(&publish.payload).into_owned());
                    }
                    Ok(_) => {}
                    Err(_) => {
                        let _ = says.send(false);
                        tokio::time::sleep(AGAIN_AFTER).await;
                    }
                }
            }
        });
        Ok(Listener { kept, listens, task })
    }

    /// Whether the broker has said yes to its subscription.
    #[must_use]
    pub fn listens(&self) -> bool {
        *self.listens.borrow()
    }

    /// What has arrived until now.
    #[must_use]
    pub fn received(&self) -> Vec<String> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
