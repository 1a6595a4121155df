//! The one place that knows all stages: starts them in order, and stops them in the reverse order.
//!
//! database → broker → ingest (with policy and alerts) → live → http. Beside them: partitions made ahead and dropped when
//! they are old, the edges' configurations, incidents' clocks and signals.

use crate::access::chain;
use crate::access::limits::Quotas;
use crate::access::oidc::Provider;
use crate::access::oidc::provider::PATIENCE;
use crate::broker::{self, BrokerAddress, ExternalBroker, Gate, PrivateBroker, TlsListener};
use crate::certificates::{self, Authority};
use crate::config::{CenterConfig, DatabaseConfig, MqttConfig};
use crate::database::private::PrivatePostgres;
use crate::database::{self, DatabaseError, retention, roles, timeseries};
use crate::evidence::Store;
use crate::ingest::Ingest;
use crate::ingest::shed::Shed;
use crate::live::Hub;
use crate::supervise::Status;
use crate::{alerts, city, clock, dispatch, http, incidents, ingest};
use anyhow::Context as _;
use nix::fcntl::{Flock, FlockArg};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often partitions are made ahead.
const PARTITIONS_EVERY: Duration = Duration::from_secs(3600);
/// How often the end of the audit rows is noted outside the database.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(600);
/// How often alerts that are over and quiet are no longer watched.
const UNWATCH_EVERY: Duration = Duration::from_secs(60);
/// How often people are told of certificates that end soon.
const ENDS_EVERY: Duration = Duration::from_secs(24 * 3600);
/// How often the database is asked whether it is there.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// A stop takes no longer than this.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// A data folder that no other center uses: the lock ends with the process, however it ends.
#[derive(Debug)]
pub struct DataDir {
    _lock: Flock<File>,
}

impl DataDir {
    /// Takes the folder, making it when it is new; `None` when a center runs there.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn take(path: &Path) -> anyhow::Result<Option<DataDir>> {
        std::fs::create_dir_all(path).with_context(|| format!("data_dir {}", path.display()))?;
        let file = path.join("center.lock");
        let lock = OpenOptions::new().create(true).append(true).open(&file);
        let lock = lock.with_context(|| format!("data_dir {}", file.display()))?;
        match Flock::lock(lock, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Some(DataDir { _lock: lock })),
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, error)) => Err(error).with_context(|| format!("lock {}", file.display())),
        }
    }
}

/// The database, and the server behind it when it is our own.
#[derive(Debug)]
pub struct Database {
    pool: PgPool,
    server: Option<PrivatePostgres>,
    /// As whom the schema is made and changed.
    owner: PgConnectOptions,
}

impl Database {
    /// Connects, after starting the private server if there is none to connect to, and brings the schema up to date.
    ///
    /// # Errors
    /// Says what is missing.
    pub async fn open(config: &CenterConfig, status: &Status) -> anyhow::Result<Database> {
        let parse = |url: &url::Url| url.as_str().parse::<PgConnectOptions>();
        let (server, service, owner) = match &config.database {
            DatabaseConfig::Private => {
                let server = PrivatePostgres::start(&config.data_dir, status).await?;
                let (service, owner) = (server.options(), server.owner_options());
                (Some(server), service, owner)
            }
            DatabaseConfig::Url { url, owner_url, .. } => {
                let service = parse(url)?;
                let owner = owner_url.as_ref().map(parse).transpose()?.unwrap_or_else(|| service.clone());
                (None, service, owner)
            }
        };
        let prepared = async {
            let pool = prepare_schema(&owner, &service).await?;
            match (roles::weakness(&pool).await?, &config.database) {
                (None, _) => status.set("audit", true, "the database refuses to change audit rows"),
                (Some(why), DatabaseConfig::Url { protect_audit: true, .. }) => {
                    return Err(DatabaseError::Unprotected(why).into());
                }
                (Some(why), _) => {
                    tracing::warn!("{why}: see database.owner_url in center.example.toml");
                    status.set_weak("audit", why);
                }
            }
            anyhow::Ok(pool)
        };
        match prepared.await {
            Ok(pool) => Ok(Database { pool, server, owner }),
            Err(error) => {
                if let Some(server) = server {
                    server.stop().await;
                }
                Err(error)
            }
        }
    }

    /// For a command beside the center: through the running center's server if one runs, else with a server of its own
    /// for the moment.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_beside(config: &CenterConfig) -> anyhow::Result<(Database, Option<DataDir>)> {
        let lock = match &config.database {
            DatabaseConfig::Private => DataDir::take(&config.data_dir)?,
            DatabaseConfig::Url { .. } => None,
        };
        if matches!(config.database, DatabaseConfig::Private) && lock.is_none() {
            let pool = database::connect(database::private::options(&config.data_dir)).await?;
            let owner = database::private::owner_options(&config.data_dir);
            return Ok((Database { pool, server: None, owner }, None));
        }
        Ok((Database::open(config, &Status::default()).await?, lock))
    }

    /// The pool.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// As whom the schema is made and changed: for housekeeping, never for work.
    #[must_use]
    pub fn owner(&self) -> &PgConnectOptions {
        &self.owner
    }

    /// Brings the schema up to date; as the owner, whoever works with it. Safe to repeat.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn migrate(&self) -> Result<(), DatabaseError> {
        let owner = database::connect(self.owner.clone()).await?;
        let migrated = database::migrate(&owner).await;
        owner.close().await;
        migrated
    }

    /// Closes the pool and stops the private server.
    pub async fn close(self) {
        let _ = tokio::time::timeout(Duration::from_secs(2), self.pool.close()).await;
        if let Some(server) = self.server {
            server.stop().await;
        }
    }
}

/// Brings the schema up to date as its owner, lets the working role work with it, and answers the latter's pool.
async fn prepare_schema(
    owner: &PgConnectOptions,
    service: &PgConnectOptions,
) -> Result<PgPool, DatabaseError> {
    let pool = database::connect(owner.clone()).await?;
    database::migrate(&pool).await?;
    if owner.get_username() == service.get_username() {
        return Ok(pool);
    }
    roles::let_serve(&pool, service.get_username()).await?;
    pool.close().await;
    database::connect(service.clone()).await
}

/// A running center.
#[derive(Debug)]
pub struct App {
    database: Database,
    broker: Option<Arc<PrivateBroker>>,
    ingest: Ingest,
    shed: Shed,
    http: Vec<SocketAddr>,
    parts: watch::Receiver<http::Parts>,
    /// Ends HTTP and the tasks beside.
    shutdown: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    _data_dir: DataDir,
}

impl App {
    /// Starts everything; when it returns, edges and browsers can connect.
    ///
    /// As root the private servers run as users `postgres` and `mosquitto`, who must be able to pass through the folders
    /// above `data_dir`: a folder of mode 0700 above it is refused with a message that names it.
    ///
    /// # Errors
    /// Says which part did not start, and what to do.
    pub async fn start(config: CenterConfig) -> anyhow::Result<App> {
        // Everything that can be refused is refused before a server is started.
        let listeners =
            http::bind(&config.http.listen, config.http.insecure || config.http.tls.is_some()).await?;
        let data_dir = DataDir::take(&config.data_dir)?.with_context(|| {
            format!("another control-center runs with data_dir {}", config.data_dir.display())
        })?;
        let status = Status::default();
        let parts = status.watch();
        let database = Database::open(&config, &status).await?;
        match Self::start_with(&config, &database, listeners, status).await {
            Ok(started) => {
                let Started { broker, ingest, shed, http, shutdown, tasks } = started;
                Ok(App { database, broker, ingest, shed, http, parts, shutdown, tasks, _data_dir: data_dir })
            }
            Err(error) => {
                database.close().await;
                Err(error)
            }
        }
    }

    async fn start_with(
        config: &CenterConfig,
        database: &Database,
        listeners: Vec<TcpListener>,
        status: Status,
    ) -> anyhow::Result<Started> {
        let pool = database.pool.clone();
        let http = listeners.iter().map(TcpListener::local_addr).collect::<Result<Vec<_>, _>>()?;
        let authority = open_authority(config)?;
        let Opened { private: broker, gate, address } =
            open_broker(config, &pool, &status, authority.as_ref()).await?;
        let tls = config.http.tls.clone();
        let tls =
            tls.map(|tls| http::Tls::load(tls, authority.clone(), clock::now()).map(Arc::new)).transpose()?;
        let shutdown = CancellationToken::new();
        let hub = Hub::start(pool.clone(), shutdown.clone());
        let shed = Shed::default();
        let shared = http::Shared::new(http::Options {
            pool: pool.clone(),
            data_dir: config.data_dir.clone(),
            insecure: config.http.insecure,
            sessions: config.sessions,
            quotas: Quotas::default(),
            oidc: oidc_provider(config, &http)?,
            parts: status.watch(),
            hub: hub.clone(),
            shed: shed.clone(),
            authority: authority.filter(|_| config.mqtt.gives_certificates()),
            tls: tls.clone(),
        })
        .context("prepare the folders of evidence and pictures")?;
        let signals = broker.as_ref().map_or_else(|| address.clone(), |broker| broker.signals_address());
        let wakes = hub.clone();
        let units = broker.as_ref().map_or_else(|| address.clone(), |broker| broker.dispatch_address());
        let runner = dispatch_runner(config, &pool, (&units, &http)).await?;
        let ingest = Ingest::start(pool.clone(), address, status.clone(), (hub, shed.clone()));
        let beside = (ingest.connected(), shutdown.clone());
        // Partitions belong to the owner of their table, who makes and drops them.
        let keeper = PgPoolOptions::new().max_connections(2).connect_lazy_with(database.owner.clone());
        let renewing = tls.map(|tls| tokio::spawn(tls.keep(shutdown.clone())));
        let mut tasks = vec![
            tokio::spawn(city::keep_published(pool.clone(), ingest.outgoing().clone(), gate, beside)),
            tokio::spawn(keep_house(
                (pool.clone(), keeper.clone()),
                config.data_dir.clone(),
                shutdown.clone(),
            )),
            tokio::spawn(retention::keep(
                keeper,
                Store::open(&config.data_dir).context("prepare the folder of evidence")?,
                config.retention,
                shutdown.clone(),
            )),
            tokio::spawn(runner.run(shutdown.clone())),
            tokio::spawn(alerts::shelves::keep(pool.clone(), shutdown.clone())),
            tokio::spawn(incidents::escalate::run(pool.clone(), shutdown.clone())),
            tokio::spawn(incidents::signals_mqtt::run(pool.clone(), signals, shutdown.clone())),
            tokio::spawn(ingest::wake::keep(pool.clone(), wakes, shutdown.clone())),
            tokio::spawn(probe(pool, status, shutdown.clone())),
            tokio::spawn(http::serve(shared, listeners, shutdown.clone())),
        ];
        tasks.extend(renewing);
        note_addresses(config, &http)?;
        Ok(Started { broker, ingest, shed, http, shutdown, tasks })
    }

    /// The addresses that serve HTTP, with their real ports.
    #[must_use]
    pub fn http(&self) -> &[SocketAddr] {
        &self.http
    }

    /// How each part is doing: `broker` is ready once the center hears what edges publish.
    #[must_use]
    pub fn parts(&self) -> watch::Receiver<http::Parts> {
        self.parts.clone()
    }

    /// Where edges reach the private broker; `None` with a broker of one's own.
    #[must_use]
    pub fn mqtt(&self) -> Option<SocketAddr> {
        self.broker.as_ref().map(|broker| broker.listen())
    }

    /// Where edges with a certificate reach the private broker; `None` when certificates are not switched on.
    #[must_use]
    pub fn mqtts(&self) -> Option<SocketAddr> {
        self.broker.as_ref().and_then(|broker| broker.tls_listen())
    }

    /// The database.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.database.pool
    }

    /// What ingest left out since the start.
    #[must_use]
    pub fn shed(&self) -> &Shed {
        &self.shed
    }

    /// The database with what the schema's owner may do.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Process ids of the private PostgreSQL and the private Mosquitto; tests kill them.
    #[must_use]
    pub fn server_pids(&self) -> (Option<i32>, Option<i32>) {
        let postgres = self.database.server.as_ref().and_then(PrivatePostgres::pid);
        (postgres, self.broker.as_ref().and_then(|broker| broker.pid()))
    }

    /// Stops everything: nothing more is taken, what was taken is committed and acknowledged.
    pub async fn stop(self) {
        self.ingest.stop().await;
        self.shutdown.cancel();
        for task in self.tasks {
            let abort = task.abort_handle();
            if tokio::time::timeout(Duration::from_secs(3), task).await.is_err() {
                abort.abort();
            }
        }
        // The tasks that shared it are gone.
        if let Some(broker) = self.broker.and_then(Arc::into_inner) {
            broker.stop().await;
        }
        self.database.close().await;
    }
}

struct Started {
    broker: Option<Arc<PrivateBroker>>,
    ingest: Ingest,
    shed: Shed,
    http: Vec<SocketAddr>,
    shutdown: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// The address that browsers and units know: the configured one, or the first listener.
fn public_url(config: &CenterConfig, http: &[SocketAddr]) -> String {
    let listener =
        || http.first().map_or_else(String::new, |address| format!("{}://{address}", scheme(config)));
    config.dispatch.public_url.clone().unwrap_or_else(listener)
}

fn oidc_provider(config: &CenterConfig, http: &[SocketAddr]) -> anyhow::Result<Option<Provider>> {
    let provider = config
        .oidc
        .clone()
        .map(|settings| Provider::new(settings, &public_url(config, http), PATIENCE).context("prepare OIDC"));
    provider.transpose()
}

async fn dispatch_runner(
    config: &CenterConfig,
    pool: &PgPool,
    (broker, http): (&BrokerAddress, &[SocketAddr]),
) -> anyhow::Result<dispatch::Runner> {
    let of = &config.dispatch;
    let allowed = dispatch::guard::Allowed::parse(of.allow_networks.iter().map(String::as_str))?;
    let mailer = of
        .mail
        .as_ref()
        .map(|mail| dispatch::send::Mailer { smtp: mail.smtp.clone(), from: mail.from.clone() });
    let senders = dispatch::send::Senders::new(allowed, mailer.as_ref(), broker.clone())?;
    let settings = dispatch::Settings {
        public_url: public_url(config, http),
        sender: dispatch::message::Sender {
            id: of.sender.clone().unwrap_or_else(|| "ngatu".into()),
            name: of.sender_name.clone().unwrap_or_else(|| "Ngã Tư".into()),
        },
    };
    dispatch::Runner::new(pool.clone(), senders, settings).await.context("prepare dispatch")
}

fn scheme(config: &CenterConfig) -> &'static str {
    if config.http.tls.is_some() { "https" } else { "http" }
}

/// The own authority, where anything is configured that it signs.
///
/// # Errors
/// When its files cannot be used.
pub fn open_authority(config: &CenterConfig) -> anyhow::Result<Option<Arc<Authority>>> {
    let signs_http = matches!(config.http.tls, Some(http::tls::TlsConfig::Own { .. }));
    if !signs_http && !config.mqtt.gives_certificates() {
        return Ok(None);
    }
    Ok(Some(Arc::new(Authority::open(&config.data_dir, clock::now())?)))
}

/// The broker, as the rest needs it.
struct Opened {
    private: Option<Arc<PrivateBroker>>,
    /// Who is told which edges may come in; none where that is not our affair.
    gate: Option<Gate>,
    address: BrokerAddress,
}

async fn open_broker(
    config: &CenterConfig,
    pool: &PgPool,
    status: &Status,
    authority: Option<&Arc<Authority>>,
) -> anyhow::Result<Opened> {
    match &config.mqtt {
        MqttConfig::Private { listen, tls } => {
            let devices = city::devices(pool, clock::now()).await?;
            let tls = tls.as_ref().zip(authority).map(|(tls, authority)| TlsListener {
                listen: tls.listen,
                names: tls.names.clone(),
                authority: Arc::clone(authority),
            });
            let broker = PrivateBroker::start(&config.data_dir, (*listen, tls), devices, status).await?;
            let (address, broker) = (broker.address(), Arc::new(broker));
            Ok(Opened { gate: Some(Gate::Private(Arc::clone(&broker))), private: Some(broker), address })
        }
        MqttConfig::Url { url, username, password, ca, own, gives_certificates } => {
            let tls = url.scheme() == "mqtts";
            let host = url.host_str().unwrap_or("localhost");
            let own = own.as_ref().map(|(certificate, key)| (certificate.as_path(), key.as_path()));
            let trust = || broker::trust(ca.as_deref(), own).map_err(anyhow::Error::msg);
            let address = BrokerAddress {
                // A certificate names an address without brackets.
                host: if tls { host.trim_matches(['[', ']']) } else { host }.to_owned(),
                port: url.port().unwrap_or(if tls { 8883 } else { 1883 }),
                tls: tls.then(trust).transpose()?,
                credentials: username.clone().map(|user| (user, password.clone().unwrap_or_default())),
            };
            let mut gate = None;
            if let (true, Some(authority)) = (*gives_certificates, authority) {
                let devices = city::devices(pool, clock::now()).await?;
                let (at, authority) = (address.clone(), Arc::clone(authority));
                let broker = ExternalBroker::start(&config.data_dir, at, authority, devices)?;
                gate = Some(Gate::External(Arc::new(broker)));
            }
            Ok(Opened { private: None, gate, address })
        }
    }
}

/// Tells people and other programs where the center listens, whatever port 0 became.
fn note_addresses(config: &CenterConfig, addresses: &[SocketAddr]) -> anyhow::Result<()> {
    for address in addresses {
        tracing::info!("listening on {}://{address}", scheme(config));
    }
    let text: String = addresses.iter().map(|address| format!("{address}\n")).collect();
    std::fs::write(config.data_dir.join("http.addr"), text).context("write http.addr")
}

/// Makes partitions ahead, notes the end of the audit rows, and marks edges offline that fell silent without a will.
async fn keep_house((pool, owner): (PgPool, PgPool), data_dir: PathBuf, shutdown: CancellationToken) {
    let mut partitions = tokio::time::interval(PARTITIONS_EVERY);
    let mut silence = tokio::time::interval(Duration::from_secs(10));
    let mut checkpoints = tokio::time::interval(CHECKPOINT_EVERY);
    let mut quiet = tokio::time::interval(UNWATCH_EVERY);
    let mut ends = tokio::time::interval(ENDS_EVERY);
    loop {
        let done = tokio::select! {
            _ = checkpoints.tick() => {
                if let Err(error) = chain::note(&pool, &data_dir).await {
                    tracing::warn!(%error, "the end of the audit rows could not be noted");
                }
                continue;
            }
            _ = partitions.tick() => hourly(&pool, &owner).await,
            _ = silence.tick() => sqlx::query(
                "update edges set online = false where online and last_seen < $1 - interval '60 seconds'",
            )
            .bind(clock::now())
            .execute(&pool)
            .await
            .map(|_| ()),
            _ = ends.tick() => certificates::warn_of_ends(&pool, clock::now()).await,
            _ = quiet.tick() => alerts::store::unwatch_quiet(&pool, clock::now()).await.map(|_| ()),
            () = shutdown.cancelled() => return,
        };
        if let Err(error) = done {
            tracing::warn!(%error, "housekeeping");
        }
    }
}

async fn hourly(pool: &PgPool, owner: &PgPool) -> Result<(), sqlx::Error> {
    http::forget_old_answers(pool, clock::now()).await?;
    incidents::reports::forget_senders(pool, clock::now()).await?;
    timeseries::prepare(owner, clock::now()).await
}

/// Asks the database every second whether it is there, for `/readyz`.
async fn probe(pool: PgPool, status: Status, shutdown: CancellationToken) {
    loop {
        let asked = tokio::time::timeout(
            Duration::from_secs(2),
            sqlx::query_scalar::<_, i32>("select 1").fetch_one(&pool),
        );
        match asked.await {
            Ok(Ok(_)) => status.set("database", true, "answers"),
            Ok(Err(error)) => status.set("database", false, error.to_string()),
            Err(_) => status.set("database", false, "does not answer"),
        }
        tokio::select! {
            () = tokio::time::sleep(PROBE_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Runs the center until `shutdown`.
///
/// # Errors
/// As [`App::start`].
pub async fn run(config: CenterConfig, shutdown: CancellationToken) -> anyhow::Result<()> {
    let app = App::start(config).await?;
    shutdown.cancelled().await;
    tracing::info!("stopping");
    // What hangs is left to the kernel: our end takes the servers along, and they keep what is committed.
    if tokio::time::timeout(STOP_WITHIN, app.stop()).await.is_err() {
        tracing::warn!("not everything stopped within {STOP_WITHIN:?}");
    }
    Ok(())
}
