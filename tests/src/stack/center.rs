//! The control center as a process with everything it starts.

use crate::clock;
use crate::stack::process::{Process, StackDir, program};
use crate::stack::{Database, Operator};
use crate::wait::{Seen, wait_for};
use anyhow::{Context, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// How long a center may take until it is ready, initdb included, on a busy machine.
const READY_DEADLINE: Duration = Duration::from_secs(60);

/// A part that a fault test kills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The private Mosquitto.
    Broker,
    /// The private PostgreSQL.
    Database,
    /// The control center itself.
    Center,
}

/// A running control center.
#[derive(Debug)]
pub struct Center {
    // Before `dir`: the process is asked to end before the directory sweeps up what it left.
    process: Option<Process>,
    dir: Arc<StackDir>,
    http: String,
    mqtt: String,
    more: String,
}

impl Center {
    /// Starts a center with free ports in `dir` and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready; the message holds the end of its log.
    pub async fn start(dir: Arc<StackDir>) -> anyhow::Result<Center> {
        Center::start_on(dir, "127.0.0.1:0", "127.0.0.1:0").await
    }

    /// The same with more lines at the end of its configuration.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start_with(dir: Arc<StackDir>, more: &str) -> anyhow::Result<Center> {
        let loopback = || "127.0.0.1:0".to_owned();
        Center::begin(Center { process: None, dir, http: loopback(), mqtt: loopback(), more: more.into() })
            .await
    }

    /// The same with given listeners.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start_on(dir: Arc<StackDir>, http: &str, mqtt: &str) -> anyhow::Result<Center> {
        let (http, mqtt) = (http.into(), mqtt.into());
        Center::begin(Center { process: None, dir, http, mqtt, more: String::new() }).await
    }

    async fn begin(mut center: Center) -> anyhow::Result<Center> {
        center.write_config()?;
        center.launch()?;
        center.ready().await?;
        // From now on the ports stay, so that a restarted center is found where it was.
        center.http = read_address(&center.data_dir().join("http.addr"))?;
        center.mqtt = read_address(&center.data_dir().join("mqtt.addr"))?;
        center.write_config()?;
        Ok(center)
    }

    fn write_config(&self) -> anyhow::Result<()> {
        let text = format!(
            "data_dir = \"{}\"\n[http]\nlisten = [\"{}\"]\n[mqtt]\nlisten = \"{}\"\n{}",
            self.data_dir().display(),
            self.http,
            self.mqtt,
            self.more
        );
        Ok(std::fs::write(self.config(), text)?)
    }

    /// Starts the process; the caller waits with [`Center::ready`].
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn launch(&mut self) -> anyhow::Result<()> {
        for stale in ["http.addr", "mqtt.addr"] {
            let _ = std::fs::remove_file(self.data_dir().join(stale));
        }
        let mut command = Command::new(program("control-center")?);
        command.args(["run", "--config"]).arg(self.config());
        self.process = Some(Process::start("control-center", command, &self.dir.path().join("center.log"))?);
        Ok(())
    }

    /// Waits until `/readyz` says 200.
    ///
    /// # Errors
    /// When it does not, or the process ended.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let address_file = self.data_dir().join("http.addr");
        let (scheme, authority) = (self.scheme(), self.authority());
        let process = self.process.as_mut().context("the center was not launched")?;
        let waited = wait_for("ready control center", READY_DEADLINE, async || {
            if let Some(status) = process.ended() {
                return Ok(Seen::NotYet(format!("the process ended: {status}")));
            }
            let Ok(address) = read_address(&address_file) else {
                return Ok(Seen::NotYet("no http.addr".into()));
            };
            let ready = client(&authority)?.get(format!("{scheme}://{address}/readyz"));
            let reply = ready.timeout(Duration::from_secs(5)).send().await?;
            let (status, text) = (reply.status(), reply.text().await?);
            Ok(Seen::when(status.is_success(), (), format!("{status} {text}")))
        })
        .await;
        let log = || self.process.as_ref().map(|p| p.log_tail(25)).unwrap_or_default();
        waited.with_context(|| format!("the center's log ends:\n{}", log()))
    }

    /// The config file.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.dir.path().join("center.toml")
    }

    /// The center's data directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().join("center")
    }

    /// Where it serves HTTP.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("{}://{}", self.scheme(), self.http)
    }

    fn scheme(&self) -> &'static str {
        if self.more.contains("[http.tls]") { "https" } else { "http" }
    }

    /// The certificate of its own authority, where it has one.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.data_dir().join("ca/ca.crt")
    }

    /// Speaks to it, over TLS too, and keeps cookies.
    ///
    /// # Errors
    /// When the authority's certificate cannot be used.
    pub fn web(&self) -> anyhow::Result<reqwest::Client> {
        client(&self.authority())
    }

    /// Where edges with a certificate find the broker.
    ///
    /// # Errors
    /// When certificates are not switched on.
    pub fn mqtts_url(&self) -> anyhow::Result<String> {
        Ok(format!("mqtts://{}", read_address(&self.data_dir().join("mqtts.addr"))?))
    }

    /// Where edges find the broker.
    #[must_use]
    pub fn mqtt_url(&self) -> String {
        format!("mqtt://{}", self.mqtt)
    }

    /// Host and port of the broker.
    #[must_use]
    pub fn mqtt_address(&self) -> &str {
        &self.mqtt
    }

    /// The directory that it lives in.
    #[must_use]
    pub fn dir(&self) -> &Arc<StackDir> {
        &self.dir
    }

    /// The running process.
    ///
    /// # Panics
    /// When the center was killed and not launched again.
    #[must_use]
    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("the center was launched")
    }

    /// Runs a sub-command and returns what it printed.
    ///
    /// # Errors
    /// When it fails, with what it printed.
    pub async fn cli(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let command = tokio::process::Command::new(program("control-center")?)
            .args(arguments)
            .arg("--config")
            .arg(self.config())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(Duration::from_secs(60), command)
            .await
            .with_context(|| format!("control-center {arguments:?} took more than 60 s"))??;
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "control-center {arguments:?}: {}\n{out}{err}", output.status);
        Ok(out.into_owned())
    }

    /// Enrolls an edge and returns its device secret.
    ///
    /// # Errors
    /// When the sub-command fails or prints no secret.
    pub async fn enroll(&self, edge: &str) -> anyhow::Result<String> {
        last_word(&self.cli(&["edge", "enroll", edge]).await?)
    }

    /// Adds a person and returns the made password.
    ///
    /// # Errors
    /// When the sub-command fails or prints no password.
    pub async fn add_user(&self, name: &str, role: &str) -> anyhow::Result<String> {
        last_word(&self.cli(&["user", "add", "--name", name, "--role", role]).await?)
    }

    /// Adds an operator and signs in.
    ///
    /// # Errors
    /// When either fails.
    pub async fn operator(&self) -> anyhow::Result<Operator> {
        let password = self.add_user("operator", "operator").await?;
        Operator::sign_in(&self.http_url(), "operator", &password).await
    }

    /// SQL access to the private database.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn database(&self) -> anyhow::Result<Database> {
        Database::of_center(&self.data_dir()).await
    }

    /// The process id of a part.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pid_of(&self, part: Part) -> anyhow::Result<i32> {
        let name = match part {
            Part::Center => return Ok(self.process.as_ref().context("the center does not run")?.pid()),
            Part::Broker => "mosquitto",
            Part::Database => "postgres",
        };
        let runs = |line: &str| {
            line.split(' ').next().and_then(|program| program.rsplit('/').next()).is_some_and(|p| p == name)
        };
        let found = self.dir.processes().into_iter().filter(|(_, line)| runs(line)).map(|(pid, _)| pid);
        found.min().with_context(|| format!("no {name} runs in {}", self.dir.path().display()))
    }

    /// Kills a part with -9; the center itself is launched again, the others are its own to restart.
    ///
    /// # Errors
    /// When the part does not run.
    pub fn kill9(&mut self, part: Part) -> anyhow::Result<()> {
        if part == Part::Center {
            self.process().kill9();
            return self.launch();
        }
        let pid = self.pid_of(part)?;
        kill(Pid::from_raw(pid), Signal::SIGKILL).with_context(|| format!("killing {part:?}, pid {pid}"))
    }

    /// Ends the center and what it started.
    ///
    /// # Errors
    /// When it does not end by itself, or leaves something running.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.stop(Duration::from_secs(60))?;
        }
        // What it gave up to wait for ends with it, a moment later.
        let deadline = clock::instant() + Duration::from_secs(20);
        loop {
            let left: Vec<_> =
                self.dir.processes().into_iter().filter(|(_, line)| !line.contains("edge-agent")).collect();
            if left.is_empty() {
                return Ok(());
            }
            ensure!(clock::instant() < deadline, "the center left running: {left:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn client(authority: &Path) -> anyhow::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder().cookie_store(true);
    if authority.exists() {
        builder = builder.tls_certs_only([reqwest::Certificate::from_pem(&std::fs::read(authority)?)?]);
    }
    Ok(builder.build()?)
}

fn read_address(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let line = text.lines().next().unwrap_or("").trim();
    ensure!(!line.is_empty(), "{} is empty", path.display());
    Ok(line.trim_start_matches("http://").trim_start_matches("mqtt://").to_owned())
}

/// Secrets and passwords are the last word that a sub-command prints.
fn last_word(output: &str) -> anyhow::Result<String> {
    output.split_whitespace().last().map(ToOwned::to_owned).context("the sub-command printed nothing")
}
