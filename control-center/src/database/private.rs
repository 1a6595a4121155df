//! A PostgreSQL of our own, from the system's package, in the data folder: unix socket only, nobody else's business.
//!
//! What always holds: the cluster is complete or absent (it is made beside and renamed), and what it has committed is
//! on disk (`synchronous_commit` and `fsync` on), so killing anything loses no committed row.

use super::DatabaseError;
use crate::supervise::{
    Account, AccountError, Keeping, Server, Status, Supervisor, check_reachable, make_dir, own, own_name,
    runs_with, stop_orphan,
};
use nix::sys::signal::Signal;
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name of the owner's role and of the database.
const NAME: &str = "ngatu";
/// The role as which the center works; see [`super::roles`].
const SERVICE: &str = "ngatu_service";
/// The longest path of a unix socket, bytes, without the closing zero.
const SOCKET_PATH_MAX: usize = 107;
const SOCKET_FILE: &str = ".s.PGSQL.5432";
/// How long a start may take: after a kill the log is replayed first.
const START_PATIENCE: Duration = Duration::from_secs(90);
/// Fast shutdown first, then without a checkpoint, then by force.
const STOP_SIGNALS: &[(Signal, Duration)] = &[
    (Signal::SIGINT, Duration::from_secs(6)),
    (Signal::SIGQUIT, Duration::from_secs(2)),
    (Signal::SIGKILL, Duration::from_secs(2)),
];

/// Why the private PostgreSQL does not run.
#[derive(Debug, thiserror::Error)]
pub enum PrivateError {
    /// The package is missing.
    #[error("no PostgreSQL server found under /usr/lib/postgresql or in PATH: apt-get install postgresql{0}")]
    Missing(String),
    /// User or folder.
    #[error("{0}")]
    Account(String),
    /// A file could not be written.
    #[error("{0}: {1}")]
    Files(PathBuf, #[source] std::io::Error),
    /// The cluster could not be made.
    #[error("make the database cluster: {0}")]
    Init(String),
    /// It does not answer.
    #[error("the private PostgreSQL does not answer: {0}; see {1}")]
    Silent(String, PathBuf),
}

impl From<AccountError> for PrivateError {
    fn from(error: AccountError) -> Self {
        PrivateError::Account(error.to_string())
    }
}

/// A running private PostgreSQL.
#[derive(Debug)]
pub struct PrivatePostgres {
    supervisor: Supervisor,
    /// As the owner.
    owner: PgConnectOptions,
}

/// Where things are.
struct Layout {
    cluster: PathBuf,
    socket_dir: PathBuf,
    log: PathBuf,
}

impl Layout {
    fn new(data_dir: &Path) -> Layout {
        let inside = data_dir.join("run");
        let fits = inside.join(SOCKET_FILE).as_os_str().len() <= SOCKET_PATH_MAX;
        let socket_dir = if fits {
            inside
        } else {
            // A long data folder: a short one in /tmp, named after it.
            let digest = Sha256::digest(data_dir.as_os_str().as_encoded_bytes());
            Path::new("/tmp").join(format!("ngatu-{}", hex::encode(&digest[..8])))
        };
        Layout { cluster: data_dir.join("postgres"), socket_dir, log: data_dir.join("postgres.log") }
    }

    fn options(&self, role: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket_dir)
            .port(5432)
            .username(role)
            .database(NAME)
    }
}

/// How to reach the private PostgreSQL of a data folder, whether or not it runs.
#[must_use]
pub fn options(data_dir: &Path) -> PgConnectOptions {
    Layout::new(data_dir).options(SERVICE)
}

/// The same as the schema's owner.
#[must_use]
pub fn owner_options(data_dir: &Path) -> PgConnectOptions {
    Layout::new(data_dir).options(NAME)
}

impl PrivatePostgres {
    /// Makes the cluster if there is none, ends a server that an earlier center left behind, and starts a new one.
    ///
    /// # Errors
    /// [`PrivateError`] says what is missing and what to do.
    pub async fn start(data_dir: &Path, status: &Status) -> Result<PrivatePostgres, PrivateError> {
        let account = Account::to_drop_to("postgres", "postgresql")?;
        check_reachable(data_dir, account.as_ref())?;
        let layout = Layout::new(data_dir);
        let bin = find_bin(&layout.cluster)?;
        stop_left_behind(&layout).await;
        init(&layout, &bin, data_dir, account.as_ref()).await?;
        write_access(&layout, account.as_ref())?;
        make_socket_dir(&layout, account.as_ref())?;
        let owner = layout.options(NAME);
        let server = server(&layout, &bin, account);
        let cluster = layout.cluster.clone();
        let keeping = Keeping {
            part: "postgresql",
            stop_signals: STOP_SIGNALS,
            before_start: Box::new(move || drop_foreign_lock(&cluster)),
        };
        let supervisor = Supervisor::start(server, keeping, status.clone());
        let started = PrivatePostgres { supervisor, owner };
        match tokio::time::timeout(START_PATIENCE, started.wait_until_it_answers()).await {
            Ok(()) => Ok(started),
            Err(_) => {
                let said = tail(&layout.log);
                started.stop().await;
                Err(PrivateError::Silent(said, layout.log))
            }
        }
    }

    /// How to reach it, as the role that works with the schema.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.owner.clone().username(SERVICE)
    }

    /// How to reach it, as the owner of the schema.
    #[must_use]
    pub fn owner_options(&self) -> PgConnectOptions {
        self.owner.clone()
    }

    /// The server's process id while it runs; tests kill it.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.supervisor.pid().map(nix::unistd::Pid::as_raw)
    }

    /// Stops it: transactions that run are rolled back, what is committed is on disk.
    pub async fn stop(self) {
        self.supervisor.stop().await;
        // Empty now; in /tmp nobody else would tidy it up.
        let _ = self.owner.get_socket().map(std::fs::remove_dir);
    }

    async fn wait_until_it_answers(&self) {
        loop {
            match self.ensure_database().await {
                Ok(()) => return,
                Err(error) => tracing::trace!(%error, "waiting for the private PostgreSQL"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn ensure_database(&self) -> Result<(), sqlx::Error> {
        let mut connection = self.owner.clone().database("postgres").connect().await?;
        let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(NAME)
            .fetch_one(&mut connection)
            .await?;
        if !exists {
            sqlx::query("create database ngatu").execute(&mut connection).await?;
        }
        let exists: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
            .bind(SERVICE)
            .fetch_one(&mut connection)
            .await?;
        if !exists {
            sqlx::query("create role ngatu_service login").execute(&mut connection).await?;
        }
        connection.close().await
    }
}

/// The folder of the server programs: of the cluster's own version when there is a cluster, else the newest.
fn find_bin(cluster: &Path) -> Result<PathBuf, PrivateError> {
    let wanted = std::fs::read_to_string(cluster.join("PG_VERSION")).ok().map(|text| text.trim().to_owned());
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin): &(u32, PathBuf)| bin.join("postgres").is_file())
        .collect();
    if let Some(wanted) = wanted.as_ref() {
        found.retain(|(version, _)| version.to_string() == *wanted);
    }
    if let Some((_, bin)) = found.into_iter().max() {
        return Ok(bin);
    }
    let in_path = crate::supervise::find_program("postgres").and_then(|path| Some(path.parent()?.to_owned()));
    in_path
        .filter(|_| wanted.is_none())
        .ok_or_else(|| PrivateError::Missing(wanted.map(|version| format!("-{version}")).unwrap_or_default()))
}

/// The process id in the cluster's lock file.
fn locked_by(cluster: &Path) -> Option<i32> {
    let text = std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok().filter(|pid| *pid > 1)
}

async fn stop_left_behind(layout: &Layout) {
    if let Some(pid) = locked_by(&layout.cluster) {
        stop_orphan(pid, &layout.cluster.to_string_lossy(), STOP_SIGNALS).await;
    }
}

/// A lock file whose process id now belongs to some other program would keep PostgreSQL from starting. One of a dead
/// process is left alone: PostgreSQL needs what it says about shared memory.
fn drop_foreign_lock(cluster: &Path) {
    let Some(pid) = locked_by(cluster) else { return };
    let alive = Path::new("/proc").join(pid.to_string()).exists();
    if alive && !runs_with(pid, &cluster.to_string_lossy()) {
        let _ = std::fs::remove_file(cluster.join("postmaster.pid"));
    }
}

async fn init(
    layout: &Layout,
    bin: &Path,
    data_dir: &Path,
    account: Option<&Account>,
) -> Result<(), PrivateError> {
    if layout.cluster.join("PG_VERSION").exists() {
        return Ok(());
    }
    let unfinished = data_dir.join("postgres.new");
    let failed = |error| PrivateError::Files(unfinished.clone(), error);
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished).map_err(failed)?;
    }
    make_dir(data_dir, "postgres.new", account)?;
    let args = ["-U", NAME, "--auth=peer", "--encoding=UTF8", "--locale=C", "--data-checksums", "-D"];
    let mut args: Vec<OsString> = args.iter().map(OsString::from).collect();
    args.push(unfinished.clone().into());
    let program = Server { args, program: bin.join("initdb"), ..server(layout, bin, account.cloned()) };
    let output = tokio::task::spawn_blocking(move || program.command().output())
        .await
        .expect("starting a program does not panic")
        .map_err(|error| PrivateError::Init(error.to_string()))?;
    if !output.status.success() {
        return Err(PrivateError::Init(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    std::fs::rename(&unfinished, &layout.cluster).map_err(failed)
}

/// Only the user that the center runs as may connect, and only as one of our roles.
fn write_access(layout: &Layout, account: Option<&Account>) -> Result<(), PrivateError> {
    let files = [
        ("pg_hba.conf", format!("local all {NAME},{SERVICE} peer map={NAME}\n")),
        ("pg_ident.conf", format!("{NAME} \"{0}\" {NAME}\n{NAME} \"{0}\" {SERVICE}\n", own_name())),
    ];
    for (name, text) in files {
        let path = layout.cluster.join(name);
        std::fs::write(&path, text).map_err(|error| PrivateError::Files(path.clone(), error))?;
        own(&path, account, 0o600)?;
    }
    Ok(())
}

fn make_socket_dir(layout: &Layout, account: Option<&Account>) -> Result<(), PrivateError> {
    let dir = &layout.socket_dir;
    let failed = |error| PrivateError::Files(dir.clone(), error);
    if let Err(error) = std::fs::create_dir(dir)
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(failed(error));
    }
    // In /tmp someone else could have made it first.
    let metadata = std::fs::symlink_metadata(dir).map_err(failed)?;
    let ours = [nix::unistd::Uid::effective().as_raw(), account.map_or(u32::MAX, |account| account.uid)];
    if !metadata.is_dir() || !ours.contains(&metadata.uid()) {
        return Err(failed(std::io::Error::other("belongs to someone else")));
    }
    Ok(own(dir, account, 0o700)?)
}

fn server(layout: &Layout, bin: &Path, account: Option<Account>) -> Server {
    let settings = [
        "listen_addresses=".to_owned(),
        format!("unix_socket_directories={}", layout.socket_dir.display()),
        "unix_socket_permissions=0700".to_owned(),
        "max_connections=60".to_owned(),
        "shared_buffers=128MB".to_owned(),
        "fsync=on".to_owned(),
        "synchronous_commit=on".to_owned(),
        "full_page_writes=on".to_owned(),
        "max_wal_size=2GB".to_owned(),
        "checkpoint_timeout=10min".to_owned(),
        "jit=off".to_owned(),
        "autovacuum_naptime=10s".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "idle_in_transaction_session_timeout=60s".to_owned(),
    ];
    // TimescaleDB works only when it is loaded from the start, and would report to its makers over the network.
    let timescale = bin.parent().is_some_and(|dir| dir.join("lib/timescaledb.so").exists());
    let preload = ["shared_preload_libraries=timescaledb", "timescaledb.telemetry_level=off"];
    let preload = preload.into_iter().filter(|_| timescale).map(str::to_owned);
    let mut args = vec![OsString::from("-D"), layout.cluster.clone().into()];
    let settings = settings.into_iter().chain(preload);
    args.extend(settings.flat_map(|setting| [OsString::from("-c"), setting.into()]));
    Server {
        program: bin.join("postgres"),
        args,
        account,
        death_signal: Signal::SIGINT,
        log: layout.log.clone(),
        pid_file: None,
    }
}

/// The last lines of a log, for an error message.
fn tail(path: &Path) -> String {
    let text =
        std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(3)..].join(" | ")
}

impl From<PrivateError> for DatabaseError {
    fn from(error: PrivateError) -> Self {
        DatabaseError::Private(error)
    }
}
