//! One attempt to deliver one message: webhook, mail, MQTT. What is said here is foreign; nothing of it stops the runner.

use super::guard::Allowed;
use super::sign::{Key, signature};
use crate::broker::BrokerAddress;
use crate::causes::causes;
use chrono::{DateTime, Utc};
use lettre::message::{Mailbox, header};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, Event, Incoming, MqttOptions};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use url::{Host, Url};
use uuid::Uuid;

/// Longest wait for the other side (Standard Webhooks: 15 to 30 s).
const PATIENCE: Duration = Duration::from_secs(20);
/// Largest body of a webhook, bytes (Standard Webhooks: below 20 kB).
pub const MAX_BODY: usize = 20_000;

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has it.
    Delivered,
    /// Not this time.
    Again(String),
    /// Never.
    GivenUp(String),
}

/// How mails go out.
#[derive(Debug, Clone)]
pub struct Mailer {
    /// `smtp://HOST:PORT` or `smtps://USER:PASSWORD@HOST`.
    pub smtp: String,
    /// Who writes.
    pub from: String,
}

/// A mail to send.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Its id, the same at every attempt.
    pub id: Uuid,
    /// The mail that it answers.
    pub answers: Option<Uuid>,
    /// The subject.
    pub subject: &'a str,
    /// The text.
    pub body: &'a str,
}

/// What sending needs.
#[derive(Debug, Clone)]
pub struct Senders {
    http: reqwest::Client,
    allowed: Allowed,
    mailer: Option<(AsyncSmtpTransport<Tokio1Executor>, Mailbox)>,
    broker: BrokerAddress,
    /// One connection to the broker at a time: the private one gives it the user's name as its client id, and a second one
    /// of that name would throw the first one out.
    broker_turn: Arc<Mutex<()>>,
}

/// Why senders cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SendersError {
    /// The HTTP client.
    #[error("webhooks: {0}")]
    Http(#[from] reqwest::Error),
    /// The mail server's address.
    #[error("dispatch.mail.smtp: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// The writer's address.
    #[error("dispatch.mail.from: {0}")]
    From(#[from] lettre::address::AddressError),
}

/// Resolves a name by `look_up` and lets only addresses through that may be called; the connection goes to one of those.
struct Guarded<L> {
    allowed: Allowed,
    look_up: L,
}

impl<L, F> Resolve for Guarded<L>
where
    L: Fn(String) -> F + Send + Sync,
    F: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
{
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, found) = (self.allowed.clone(), (self.look_up)(name.as_str().to_owned()));
        Box::pin(async move {
            let found = found.await?;
            let good: Vec<SocketAddr> =
                found.into_iter().filter(|address| allowed.permits(address.ip())).collect();
            if good.is_empty() {
                return Err(refused(name.as_str()).into());
            }
            let good: Addrs = Box::new(good.into_iter());
            Ok(good)
        })
    }
}

async fn by_the_system(name: String) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((name, 0)).await?.collect())
}

/// The client of webhooks: no redirect, no proxy, and no connection that the next message could come by unjudged.
fn client<L, F>(allowed: Allowed, look_up: L) -> Result<reqwest::Client, reqwest::Error>
where
    L: Fn(String) -> F + Send + Sync + 'static,
    F: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
{
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .pool_max_idle_per_host(0)
        .dns_resolver(Guarded { allowed, look_up })
        .user_agent("ngatu")
        .build()
}

fn refused(host: &str) -> String {
    format!("{host} is not an address of the internet, and dispatch.allow_networks does not name its network")
}

impl Senders {
    /// Prepares them.
    ///
    /// # Errors
    /// [`SendersError`].
    pub fn new(
        allowed: Allowed,
        mailer: Option<&Mailer>,
        broker: BrokerAddress,
    ) -> Result<Senders, SendersError> {
        let http = client(allowed.clone(), by_the_system)?;
        let mailer = match mailer {
            None => None,
            Some(mailer) => {
                let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&mailer.smtp)?;
                Some((transport.timeout(Some(PATIENCE)).build(), mailer.from.parse()?))
            }
        };
        Ok(Senders { http, allowed, mailer, broker, broker_turn: Arc::default() })
    }

    /// Posts a body; `id` is the same at every attempt.
    pub async fn webhook(
        &self,
        (url, media_type): (&str, &str),
        (id, body): (Uuid, &str),
        keys: &[Key],
        now: DateTime<Utc>,
    ) -> Outcome {
        let Ok(url) = Url::parse(url) else { return Outcome::GivenUp(format!("`{url}` is no address")) };
        // A literal address asks no resolver.
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        if literal.is_some_and(|address| !self.allowed.permits(address)) {
            return Outcome::GivenUp(refused(url.host_str().unwrap_or_default()));
        }
        if url.scheme() != "https" && literal.is_none_or(super::guard::is_public) {
            return Outcome::GivenUp(
                "plain http:// is for networks that dispatch.allow_networks names".into(),
            );
        }
        if body.len() > MAX_BODY {
            return Outcome::GivenUp(format!("the message has {} bytes, more than {MAX_BODY}", body.len()));
        }
        let id = format!("msg_{}", id.simple());
        let signed = signature(keys, &id, now, body.as_bytes());
        let sent = self
            .http
            .post(url)
            .header("content-type", media_type)
            .header("webhook-id", &id)
            .header("webhook-timestamp", now.timestamp().to_string())
            .header("webhook-signature", signed)
            .body(body.to_owned())
            .send()
            .await;
        match sent {
            Ok(answer) if answer.status().is_success() => Outcome::Delivered,
            Ok(answer) if answer.status().as_u16() == 410 => {
                Outcome::GivenUp("410: the receiver wants no more".into())
            }
            Ok(answer) if answer.status().is_redirection() => {
                Outcome::Again(format!("{}: redirects are not followed", answer.status()))
            }
            Ok(answer) => Outcome::Again(answer.status().to_string()),
            // Without the address: it may hold the receiver's own secret, and people read this.
            Err(error) => Outcome::Again(in_a_line(&error.without_url())),
        }
    }

    /// Sends a mail.
    pub async fn mail(&self, to: &str, letter: &Letter<'_>) -> Outcome {
        let Some((transport, from)) = &self.mailer else {
            return Outcome::GivenUp("no mail server is configured: set dispatch.mail in center.toml".into());
        };
        let to: Mailbox = match to.parse() {
            Ok(to) => to,
            Err(error) => return Outcome::GivenUp(format!("`{to}`: {error}")),
        };
        let domain = from.email.domain().to_owned();
        let name = |id: Uuid| format!("<{}@{domain}>", id.simple());
        let mut mail = Message::builder()
            .message_id(Some(name(letter.id)))
            .from(from.clone())
            .to(to)
            .subject(letter.subject)
            .header(header::ContentType::TEXT_PLAIN);
        if let Some(answers) = letter.answers {
            mail = mail.in_reply_to(name(answers)).references(name(answers));
        }
        let mail = match mail.body(letter.body.to_owned()) {
            Ok(mail) => mail,
            Err(error) => return Outcome::GivenUp(error.to_string()),
        };
        // The transport's own patience counts anew with each line of the conversation.
        match tokio::time::timeout(PATIENCE, transport.send(mail)).await {
            Ok(Ok(_)) => Outcome::Delivered,
            Ok(Err(error)) if error.is_permanent() => Outcome::GivenUp(in_a_line(&error)),
            Ok(Err(error)) => Outcome::Again(in_a_line(&error)),
            Err(_) => Outcome::Again("the mail server does not come to an end".into()),
        }
    }

    /// Publishes a message and waits until the broker has it for somebody who listens.
    pub async fn mqtt(&self, topic: &str, id: Uuid, body: &str) -> Outcome {
        let attempt = async {
            let _turn = self.broker_turn.lock().await;
            self.publish(topic, id, body).await
        };
        let outcome = tokio::time::timeout(PATIENCE, attempt).await;
        outcome.unwrap_or_else(|_| Outcome::Again("the broker does not answer".into()))
    }

    async fn publish(&self, topic: &str, id: Uuid, body: &str) -> Outcome {
        let mut options =
            MqttOptions::new(format!("ngatu-dispatch-{}", id.simple()), &self.broker.host, self.broker.port);
        options.set_keep_alive(PATIENCE).set_connection_timeout(PATIENCE.as_secs());
        options.set_transport(self.broker.transport());
        if let Some((user, password)) = &self.broker.credentials {
            options.set_credentials(user, password);
        }
        let (client, mut events) = AsyncClient::new(options, 4);
        let body = body.to_owned();
        if let Err(error) = client.try_publish(topic, QoS::AtLeastOnce, false, body) {
            return Outcome::Again(error.to_string());
        }
        let confirmed = async {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Incoming::PubAck(ack))) => {
                        use rumqttc::v5::mqttbytes::v5::PubAckReason as R;
                        return match ack.reason {
                            R::Success => Outcome::Delivered,
                            R::NoMatchingSubscribers => Outcome::Again("nobody listens to the topic".into()),
                            reason => Outcome::Again(format!("the broker refuses it: {reason:?}")),
                        };
                    }
                    Ok(_) => {}
                    Err(error) => return Outcome::Again(error.to_string()),
                }
            }
        };
        let outcome = confirmed.await;
        // A goodbye that the broker has before the next one comes under the same name.
        if client.try_disconnect().is_ok() {
            while events.poll().await.is_ok_and(|event| event != Event::Outgoing(Outgoing::Disconnect)) {}
        }
        outcome
    }
}

/// An error with all that is behind it, in one line that a person can read.
fn in_a_line(error: &dyn std::error::Error) -> String {
    causes(error).chars().filter(|c| !c.is_control()).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    /// Tells of each connection, and ends it.
    fn door(listener: TcpListener) -> mpsc::UnboundedReceiver<()> {
        let (tell, told) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                drop(connection);
                if tell.send(()).is_err() {
                    return;
                }
            }
        });
        told
    }

    /// Two addresses with the same port.
    async fn doors() -> (TcpListener, TcpListener) {
        loop {
            let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
            if let Ok(second) = TcpListener::bind(("127.0.0.2", first.local_addr().unwrap().port())).await {
                return (first, second);
            }
        }
    }

    #[tokio::test]
    async fn a_name_that_turns_to_an_address_inside_the_house_is_called_there_neither_at_once_nor_later() {
        // What may be called stands for the internet, its neighbour for the house.
        let allowed = Allowed::parse(["127.0.0.1"]).unwrap();
        let (outside, inside) = doors().await;
        let port = outside.local_addr().unwrap().port();
        let (mut outside, mut inside) = (door(outside), door(inside));
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let look_up = move |_: String| {
            let nth = counted.fetch_add(1, Ordering::SeqCst);
            let good: SocketAddr = ([127, 0, 0, 1], 0).into();
            let bad: SocketAddr = ([127, 0, 0, 2], 0).into();
            let found = [vec![good], vec![bad], vec![bad, good]][nth.min(2)].clone();
            std::future::ready(io::Result::Ok(found))
        };
        let broker = BrokerAddress { host: "127.0.0.1".into(), port: 1, tls: None, credentials: None };
        let mut senders = Senders::new(allowed.clone(), None, broker).unwrap();
        senders.http = client(allowed, look_up).unwrap();
        let url = format!("https://rebind.example:{port}/hook");
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let post = || senders.webhook((&url, "application/json"), (Uuid::nil(), "{}"), &[], now);

        assert!(matches!(post().await, Outcome::Again(_)), "nobody there speaks TLS");
        outside.recv().await.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 1, "what was judged is called, and not asked for again");
        let Outcome::Again(why) = post().await else { panic!("the name is judged anew") };
        assert!(why.contains("not an address of the internet"), "{why}");
        assert!(matches!(post().await, Outcome::Again(_)));
        outside.recv().await.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 3);
        assert!(inside.try_recv().is_err(), "nobody came in");
    }
}
