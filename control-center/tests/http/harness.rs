//! A center's HTTP side on port 0, people and edges in its database, and clients that speak to it.

use crate::postgres::Postgres;
use control_center::access::AreaScope;
use control_center::access::devices;
use control_center::access::limits::Quotas;
use control_center::access::oidc::{Provider, Settings};
use control_center::access::users::{self, NewUser, Role};
use control_center::alerts::{Alert, Severity};
use control_center::certificates::Authority;
use control_center::clock;
use control_center::http::{self, Options, PartStatus, Parts, Shared};
use control_center::ingest::shed::Shed;
use control_center::live::Hub;
use futures_util::StreamExt as _;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use sqlx::PgPool;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "mật khẩu đủ dài";

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A running center.
pub(crate) struct Center {
    pub(crate) pool: PgPool,
    pub(crate) address: SocketAddr,
    pub(crate) address_v6: SocketAddr,
    pub(crate) parts: watch::Sender<Parts>,
    pub(crate) hub: Hub,
    pub(crate) shed: Shed,
    client: Client,
    shutdown: CancellationToken,
    served: tokio::task::JoinHandle<()>,
    data_dir: Arc<TempDir>,
    insecure: bool,
    quotas: Quotas,
    oidc: Option<(Settings, Duration)>,
    postgres: Arc<Postgres>,
}

impl Center {
    pub(crate) async fn start() -> Center {
        Center::start_with(false).await
    }

    pub(crate) async fn start_with(insecure: bool) -> Center {
        Center::start_as(insecure, Quotas::default(), None).await
    }

    pub(crate) async fn start_limited(quotas: Quotas) -> Center {
        Center::start_as(false, quotas, None).await
    }

    /// One where people may sign in at a provider too, whose every answer is waited for so long.
    pub(crate) async fn start_oidc(oidc: (Settings, Duration), quotas: Quotas) -> Center {
        Center::start_as(false, quotas, Some(oidc)).await
    }

    async fn start_as(insecure: bool, quotas: Quotas, oidc: Option<(Settings, Duration)>) -> Center {
        let postgres = Postgres::shared().await;
        let pool = postgres.database().await;
        let data_dir = Arc::new(tempfile::tempdir().unwrap());
        Center::serve((postgres, pool, data_dir), insecure, quotas, oidc).await
    }

    async fn serve(
        (postgres, pool, data_dir): (Arc<Postgres>, PgPool, Arc<TempDir>),
        insecure: bool,
        quotas: Quotas,
        oidc: Option<(Settings, Duration)>,
    ) -> Center {
        let listeners = http::bind(&["127.0.0.1:0".into(), "[::1]:0".into()], insecure).await.unwrap();
        let address = listeners[0].local_addr().unwrap();
        let address_v6 = listeners[1].local_addr().unwrap();
        let provider = oidc.clone().map(|(settings, patience)| {
            Provider::new(settings, &format!("http://{address}"), patience).unwrap()
        });
        let shutdown = CancellationToken::new();
        let hub = Hub::start(pool.clone(), shutdown.clone());
        let shed = Shed::default();
        let (parts, watching) = watch::channel(Parts::new());
        let authority = Some(Arc::new(Authority::open(data_dir.path(), clock::now()).unwrap()));
        let options = Options {
            pool: pool.clone(),
            data_dir: data_dir.path().to_owned(),
            insecure,
            sessions: control_center::access::sessions::Limits::default(),
            quotas,
            oidc: provider,
            parts: watching,
            hub: hub.clone(),
            shed: shed.clone(),
            authority,
            tls: None,
        };
        let shared = Shared::new(options).unwrap();
        let served = tokio::spawn(http::serve(shared, listeners, shutdown.clone()));
        let client = Client::builder().timeout(Duration::from_secs(60)).build().unwrap();
        Center {
            pool,
            address,
            address_v6,
            parts,
            hub,
            shed,
            client,
            shutdown,
            served,
            data_dir,
            insecure,
            quotas,
            oidc,
            postgres,
        }
    }

    /// Stops the HTTP side and starts it again over the same database and folder.
    pub(crate) async fn restart(mut self) -> Center {
        self.shutdown.cancel();
        (&mut self.served).await.unwrap();
        let (postgres, pool, data_dir) = (self.postgres.clone(), self.pool.clone(), self.data_dir.clone());
        Center::serve((postgres, pool, data_dir), self.insecure, self.quotas, self.oidc.clone()).await
    }

    /// Where evidence and pictures are.
    pub(crate) fn data_dir(&self) -> &std::path::Path {
        self.data_dir.path()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A request without any credential or origin.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.origin()))
    }

    pub(crate) async fn add_user(&self, name: &str, role: Role) -> Uuid {
        self.add_user_of(name, role, AreaScope::whole_city()).await
    }

    pub(crate) async fn add_user_of(&self, name: &str, role: Role, areas: AreaScope) -> Uuid {
        let user = NewUser {
            name: name.into(),
            full_name: format!("Người {name}"),
            role,
            areas,
            password: PASSWORD.into(),
        };
        users::add(&self.pool, user, clock::now()).await.unwrap()
    }

    pub(crate) async fn try_sign_in(&self, name: &str, password: &str) -> Response {
        let typed = serde_json::json!({ "name": name, "password": password });
        let request = self.bare(Method::POST, "/api/v1/session").json(&typed);
        request.header("origin", self.origin()).send().await.unwrap()
    }

    /// Signs in; the cookie to send.
    pub(crate) async fn sign_in(&self, name: &str) -> Browser<'_> {
        let response = self.try_sign_in(name, PASSWORD).await;
        assert_eq!(response.status(), 200);
        let set = response.headers()["set-cookie"].to_str().unwrap();
        Browser { center: self, cookie: set.split(';').next().unwrap().to_owned() }
    }

    /// A browser that holds this cookie.
    pub(crate) fn browser(&self, cookie: &str) -> Browser<'_> {
        Browser { center: self, cookie: cookie.to_owned() }
    }

    pub(crate) async fn person(&self, name: &str, role: Role) -> Browser<'_> {
        self.add_user(name, role).await;
        self.sign_in(name).await
    }

    /// Makes an edge; its device secret.
    pub(crate) async fn add_edge(&self, edge: &str) -> String {
        self.add_edge_secret(edge).await
    }

    /// Gives an edge, known or not, a new device secret.
    pub(crate) async fn add_edge_secret(&self, edge: &str) -> String {
        let secret = devices::new_secret();
        sqlx::query(
            "insert into edges (id, name, secret_sha256, created_at) values ($1, $1, $2, $3)
             on conflict (id) do update set secret_sha256 = $2",
        )
        .bind(edge)
        .bind(&devices::secret_sha256(&secret)[..])
        .bind(clock::now())
        .execute(&self.pool)
        .await
        .unwrap();
        secret
    }

    /// Adds alerts that were raised a second apart, the last one newest; their ids in that order.
    pub(crate) async fn raise(&self, alerts: &[NewAlert<'_>]) -> Vec<Uuid> {
        let mut ids = Vec::new();
        let begin = clock::now() - chrono::TimeDelta::hours(1);
        for (i, new) in alerts.iter().enumerate() {
            let id = Uuid::now_v7();
            let at = begin + chrono::TimeDelta::seconds(i64::try_from(i).unwrap());
            sqlx::query(
                "insert into alerts (id, seq, key, kind, severity, edge, camera, rule, active, first_at, last_at,
                   raised_at, count) values ($1, 0, $1::text, 'intrusion', $2, $3, 'north', 'rule', true, $4, $4, $4, 1)",
            )
            .bind(id)
            .bind(new.severity.as_str())
            .bind(new.edge)
            .bind(at)
            .execute(&self.pool)
            .await
            .unwrap();
            self.log_changes(id, "raised", 1).await;
            ids.push(id);
        }
        ids
    }

    /// Appends so many changes of an alert to the log in one transaction, as the alert store does; the last number.
    pub(crate) async fn log_changes(&self, id: Uuid, change: &str, count: i64) -> i64 {
        self.log(id, (change, count), |_| Some(String::new())).await
    }

    /// As [`Center::log_changes`]; `bell` says with what to ring for the last number, if at all.
    pub(crate) async fn log(
        &self,
        id: Uuid,
        (change, count): (&str, i64),
        bell: impl FnOnce(i64) -> Option<String>,
    ) -> i64 {
        let mut transaction = self.pool.begin().await.unwrap();
        sqlx::query("select pg_advisory_xact_lock(1)").execute(&mut *transaction).await.unwrap();
        let (last, edge, severity): (i64, String, String) = sqlx::query_as(
            "select coalesce((select max(seq) from alert_log), 0), edge, severity from alerts where id = $1",
        )
        .bind(id)
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
        let now = clock::now();
        let alert = Alert {
            id,
            seq: last,
            kind: "intrusion".into(),
            severity: Severity::parse(&severity).unwrap(),
            edge,
            camera: Some("north".into()),
            camera_name: None,
            area: None,
            place: None,
            rule: "rule".into(),
            zone: None,
            active: true,
            first_at: now,
            last_at: now,
            raised_at: now,
            cleared_at: None,
            count: 1,
            class: None,
            confidence: Some(0.5),
            why: Some(control_center::alerts::Reason { note: Some("x".repeat(900)), ..Default::default() }),
            snapshot_url: None,
            acknowledged_at: None,
            acknowledged_by: None,
            owner: None,
            claimed_at: None,
            shelved: None,
            verdict: None,
            forwarded_to: None,
            muted: None,
        };
        sqlx::query(
            "insert into alert_log (seq, at, alert, change, alert_row)
             select $1 + n, $2, $3, $4, jsonb_set($5, '{seq}', to_jsonb($1 + n)) from generate_series(1, $6) n",
        )
        .bind(last)
        .bind(now)
        .bind(id)
        .bind(change)
        .bind(serde_json::to_value(&alert).unwrap())
        .bind(count)
        .execute(&mut *transaction)
        .await
        .unwrap();
        sqlx::query("update alerts set seq = $2 where id = $1")
            .bind(id)
            .bind(last + count)
            .execute(&mut *transaction)
            .await
            .unwrap();
        sqlx::query("select pg_notify('ngatu_alerts', $1) where $1 is not null")
            .bind(bell(last + count))
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        last + count
    }

    pub(crate) fn set_part(&self, part: &str, ready: bool) {
        let status = PartStatus { ready, weak: false, detail: "in detail".into() };
        self.parts.send_modify(|parts| {
            parts.insert(part.into(), status);
        });
    }

    pub(crate) async fn audit_rows(&self, action: &str) -> i64 {
        let count = sqlx::query_scalar("select count(*) from audit where action = $1");
        count.bind(action).fetch_one(&self.pool).await.unwrap()
    }
}

impl Drop for Center {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

#[derive(Clone, Copy)]
pub(crate) struct NewAlert<'a> {
    pub(crate) edge: &'a str,
    pub(crate) severity: Severity,
}

/// A signed-in person's browser.
pub(crate) struct Browser<'a> {
    center: &'a Center,
    pub(crate) cookie: String,
}

impl Browser<'_> {
    /// With cookie and own origin.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.without_origin(method, path).header("origin", self.center.origin())
    }

    pub(crate) fn without_origin(&self, method: Method, path: &str) -> RequestBuilder {
        self.center.bare(method, path).header("cookie", &self.cookie)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn live_request(&self, after: Option<i64>) -> tungstenite::handshake::client::Request {
        let query = after.map_or(String::new(), |after| format!("?after={after}"));
        let url = format!("ws://{}/api/v1/live{query}", self.center.address);
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("cookie", self.cookie.parse().unwrap());
        request.headers_mut().insert("origin", self.center.origin().parse().unwrap());
        request
    }

    pub(crate) async fn live(&self, after: Option<i64>) -> Socket {
        tokio_tungstenite::connect_async(self.live_request(after)).await.unwrap().0
    }
}

/// The next message, skipping pings.
pub(crate) async fn next<S>(socket: &mut WebSocketStream<S>) -> Message
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    loop {
        let next = tokio::time::timeout(Duration::from_secs(60), socket.next());
        let message = next.await.expect("a message within 20 s").expect("the socket is open").unwrap();
        if !matches!(message, Message::Ping(_)) {
            return message;
        }
    }
}

/// The next text frame, read as JSON.
pub(crate) async fn next_json<S>(socket: &mut WebSocketStream<S>) -> Value
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let message = next(socket).await;
    serde_json::from_str(message.to_text().unwrap()).unwrap_or_else(|_| panic!("JSON, not {message:?}"))
}

/// The smallest body that passes for a JPEG, made different by `n`.
pub(crate) fn jpeg(n: u8) -> Vec<u8> {
    vec![0xFF, 0xD8, 0xFF, 0xE0, n, 0xFF, 0xD9]
}
