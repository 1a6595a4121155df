//! An operator's eyes: the REST interface and the websocket, with a session of their own.

use anyhow::{Context, bail, ensure};
use futures_util::StreamExt;
use serde_json::Value;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const REPLY_DEADLINE: Duration = Duration::from_secs(60);

/// A signed-in person.
#[derive(Debug, Clone)]
pub struct Operator {
    client: reqwest::Client,
    base: String,
    cookie: String,
}

impl Operator {
    /// Signs in.
    ///
    /// # Errors
    /// When the center refuses or sets no cookie.
    pub async fn sign_in(base: &str, name: &str, password: &str) -> anyhow::Result<Operator> {
        let client = reqwest::Client::builder().timeout(REPLY_DEADLINE).build()?;
        let reply = client
            .post(format!("{base}/api/v1/session"))
            .header("origin", base)
            .json(&serde_json::json!({"name": name, "password": password}))
            .send()
            .await?;
        let status = reply.status();
        let cookie = reply
            .headers()
            .get("set-cookie")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map(ToOwned::to_owned);
        let text = reply.text().await?;
        ensure!(status.is_success(), "sign-in: {status} {text}");
        // The cookie is `Secure`: browsers send it to loopback over plain HTTP, reqwest's jar would not.
        Ok(Operator { client, base: base.into(), cookie: cookie.context("sign-in set no cookie")? })
    }

    /// The body of a GET, whatever it is.
    ///
    /// # Errors
    /// When the reply is not a success.
    pub async fn bytes(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let reply = self.client.get(self.address(path)).header("cookie", &self.cookie).send().await?;
        let status = reply.status();
        let bytes = reply.bytes().await?;
        ensure!(status.is_success(), "GET {path}: {status} {}", String::from_utf8_lossy(&bytes));
        Ok(bytes.to_vec())
    }

    /// The JSON of a GET.
    ///
    /// # Errors
    /// When the reply is not a success or not JSON.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.bytes(path).await?)?)
    }

    /// The `items` of a GET.
    ///
    /// # Errors
    /// When there are none.
    pub async fn items(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let value = self.get(path).await?;
        value["items"].as_array().cloned().with_context(|| format!("GET {path} has no items: {value}"))
    }

    /// Posts without a body and returns status and JSON.
    ///
    /// # Errors
    /// When the reply is not JSON.
    pub async fn post(&self, path: &str) -> anyhow::Result<(u16, Value)> {
        let reply = self
            .client
            .post(self.address(path))
            .header("cookie", &self.cookie)
            .header("origin", &self.base)
            .send()
            .await?;
        Ok((reply.status().as_u16(), reply.json().await?))
    }

    /// Posts JSON; the JSON of the reply.
    ///
    /// # Errors
    /// When the reply is not a success or not JSON.
    pub async fn post_json(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.client.post(self.address(path)).header("cookie", &self.cookie);
        let reply = request.header("origin", &self.base).json(body).send().await?;
        let status = reply.status();
        let text = reply.text().await?;
        ensure!(status.is_success(), "POST {path}: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Sends a body and returns status and JSON, whatever the answer is. A `key` makes a repetition harmless.
    ///
    /// # Errors
    /// When no answer comes or it is not JSON.
    pub async fn send(
        &self,
        (method, path): (reqwest::Method, &str),
        body: &Value,
        key: Option<&str>,
    ) -> anyhow::Result<(u16, Value)> {
        let mut request = self.client.request(method, self.address(path)).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let reply = request.header("cookie", &self.cookie).header("origin", &self.base).send().await?;
        Ok((reply.status().as_u16(), reply.json().await?))
    }

    /// The same person, who reaches the center at another address.
    #[must_use]
    pub fn by_way_of(&self, base: String) -> Operator {
        Operator { base, ..self.clone() }
    }

    fn live_request(&self, after: Option<i64>) -> anyhow::Result<Request> {
        let query = after.map(|seq| format!("?after={seq}")).unwrap_or_default();
        let url = format!("{}/api/v1/live{query}", self.base.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("cookie", self.cookie.parse()?);
        request.headers_mut().insert("origin", self.base.parse()?);
        Ok(request)
    }

    /// Opens the websocket.
    ///
    /// # Errors
    /// When the center refuses.
    pub async fn live(&self, after: Option<i64>) -> anyhow::Result<Live> {
        let request = self.live_request(after)?;
        let (socket, _) =
            tokio::time::timeout(REPLY_DEADLINE, tokio_tungstenite::connect_async(request)).await??;
        Ok(Live { socket })
    }

    fn address(&self, path: &str) -> String {
        if path.starts_with('/') {
            format!("{}{path}", self.base)
        } else {
            format!("{}/api/v1/{path}", self.base)
        }
    }
}

/// An open websocket.
#[derive(Debug)]
pub struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Live {
    /// Opens a websocket that asks for no session.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open(url: &str) -> anyhow::Result<Live> {
        let (socket, _) =
            tokio::time::timeout(REPLY_DEADLINE, tokio_tungstenite::connect_async(url)).await??;
        Ok(Live { socket })
    }

    /// The next text frame as it is, for who reads too many to understand them all.
    ///
    /// # Errors
    /// When the socket closes.
    pub async fn text(&mut self) -> anyhow::Result<Utf8Bytes> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(reason))) => bail!("the websocket closed: {reason:?}"),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => bail!("the websocket ended"),
            }
        }
    }

    /// The next frame.
    ///
    /// # Errors
    /// When the socket closes.
    pub async fn next(&mut self) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&self.text().await?)?)
    }

    /// Reads until an alert fits: in the snapshot or in a change.
    ///
    /// # Errors
    /// When none came before the deadline; the message says what came instead.
    pub async fn alert(
        &mut self,
        deadline: Duration,
        fits: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let mut seen = Vec::new();
        let search = async {
            loop {
                let frame = self.next().await?;
                let alerts = match frame["type"].as_str() {
                    Some("snapshot") => frame["alerts"].as_array().cloned().unwrap_or_default(),
                    Some("change") => vec![frame["alert"].clone()],
                    _ => Vec::new(),
                };
                for alert in alerts {
                    if fits(&alert) {
                        return anyhow::Ok(alert);
                    }
                    seen.push(format!("{} {} active={}", alert["kind"], alert["camera"], alert["active"]));
                }
            }
        };
        match tokio::time::timeout(deadline, search).await {
            Ok(found) => found,
            Err(_) => bail!("no such alert within {deadline:?}; came: {seen:?}"),
        }
    }
}
