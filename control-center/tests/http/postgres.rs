//! A private PostgreSQL that the tests of this file share, and a database of its own for each.

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Weak};
use tempfile::TempDir;
use tokio::sync::Mutex;

/// A running server; stopped when the last test lets go of it.
pub(crate) struct Postgres {
    child: Child,
    folder: TempDir,
}

static SHARED: Mutex<Weak<Postgres>> = Mutex::const_new(Weak::new());

impl Postgres {
    pub(crate) async fn shared() -> Arc<Postgres> {
        let mut shared = SHARED.lock().await;
        if let Some(running) = shared.upgrade() {
            return running;
        }
        let started = Arc::new(Postgres::start(None));
        *shared = Arc::downgrade(&started);
        started
    }

    /// One of its own that listens on a port of this machine, as another's does; and the port.
    pub(crate) fn over_tcp() -> (Postgres, u16) {
        // Below those that the system hands out, so that nobody is given it before the server takes it.
        let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let port = (0..100).map(|_| rand::random_range(15_000..32_000)).find(is_free).unwrap();
        (Postgres::start(Some(port)), port)
    }

    fn start(port: Option<u16>) -> Postgres {
        let folder = tempfile::Builder::new().prefix("ngatu-http-").tempdir().unwrap();
        let mut initdb = command("initdb", &folder);
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"]);
        let done = initdb.arg(folder.path().join("data")).output().unwrap();
        assert!(done.status.success(), "initdb: {}", String::from_utf8_lossy(&done.stderr));
        let mut postgres = command("postgres", &folder);
        postgres.arg("-D").arg(folder.path().join("data")).arg("-k").arg(folder.path());
        postgres.args(["-c", "fsync=off", "-c", "max_connections=200"]);
        match port {
            Some(port) => postgres.args(["-c", "listen_addresses=127.0.0.1", "-p", &port.to_string()]),
            None => postgres.args(["-c", "listen_addresses="]),
        };
        let child = postgres.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Postgres { child, folder }
    }

    fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new().socket(self.folder.path()).username("postgres").database("postgres")
    }

    /// An empty database with the schema.
    pub(crate) async fn database(&self) -> PgPool {
        let admin = PgPoolOptions::new().max_connections(1).connect_lazy_with(self.options());
        let mut tries = 0;
        let name = format!("t{}", uuid::Uuid::new_v4().simple());
        let create = format!("create database {name}");
        loop {
            match sqlx::query(sqlx::AssertSqlSafe(create.clone())).execute(&admin).await {
                Ok(_) => break,
                // Still starting: the attempt itself takes time, and the pool retries for a while.
                Err(error) if tries < 200 => {
                    tries += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    assert!(tries < 200, "the database did not come up: {error}");
                }
                Err(error) => panic!("create database: {error}"),
            }
        }
        let pool = PgPoolOptions::new()
            .max_connections(10)
            .connect_with(self.options().database(&name))
            .await
            .unwrap();
        control_center::database::migrate(&pool).await.unwrap();
        pool
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        // Immediate shutdown: nothing in here is worth keeping.
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGQUIT);
        let _ = self.child.wait();
    }
}

/// A program of the newest installed PostgreSQL, as the user `postgres` when we are root, since it refuses root.
fn command(program: &str, folder: &TempDir) -> Command {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL is installed by the set-up")
        .map(|entry| entry.unwrap().path())
        .collect();
    versions.sort();
    let mut command = Command::new(versions.last().unwrap().join("bin").join(program));
    if nix::unistd::geteuid().is_root() {
        let user = nix::unistd::User::from_name("postgres").unwrap().expect("the package made the user");
        chown(folder.path(), Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command.current_dir(folder.path());
    command
}
