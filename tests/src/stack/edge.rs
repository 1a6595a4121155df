//! An edge agent as a process.

use crate::stack::Center;
use crate::stack::process::{Process, StackDir, program};
use anyhow::Context;
use ngatu_protocol::camera::CameraConfig;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// A running edge agent.
#[derive(Debug)]
pub struct Edge {
    process: Process,
    id: String,
    config: PathBuf,
    log: PathBuf,
    // Last: the directory goes after the process.
    _dir: Arc<StackDir>,
}

impl Edge {
    /// Enrols an edge, writes its `edge.toml` and starts `edge-agent run`.
    ///
    /// # Errors
    /// When enrolment or the start fails.
    pub async fn start(center: &Center, id: &str, cameras: &[CameraConfig]) -> anyhow::Result<Edge> {
        let secret = center.enroll(id).await?;
        let dir = Arc::clone(center.dir());
        let config = write_config(&dir, id, &secret, (&center.mqtt_url(), &center.http_url()), cameras)?;
        Edge::run(dir, id, config)
    }

    /// Starts `edge-agent run` on a configuration of one's own.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run(dir: Arc<StackDir>, id: &str, config: PathBuf) -> anyhow::Result<Edge> {
        let log = dir.path().join(format!("{id}.log"));
        Ok(Edge { process: run(&config, id, &log)?, id: id.into(), config, log, _dir: dir })
    }

    /// The process.
    #[must_use]
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// The edge's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its data directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.config.with_extension("")
    }

    /// Kills the agent with -9 and starts it again on the same data.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn kill9_and_start(&mut self) -> anyhow::Result<()> {
        self.process.kill9();
        self.process = run(&self.config, &self.id, &self.log)?;
        Ok(())
    }

    /// Ends the agent politely.
    ///
    /// # Errors
    /// When it does not end by itself.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.process.stop(Duration::from_secs(60)).map(drop)
    }
}

fn run(config: &Path, id: &str, log: &Path) -> anyhow::Result<Process> {
    let mut command = Command::new(program("edge-agent")?);
    command.args(["run", "--config"]).arg(config);
    Process::start(id, command, log)
}

/// Writes `{id}.toml` and the secret's file; the data directory is `{id}`.
///
/// # Errors
/// When a file cannot be written.
pub fn write_config(
    dir: &StackDir,
    id: &str,
    secret: &str,
    (mqtt, http): (&str, &str),
    cameras: &[CameraConfig],
) -> anyhow::Result<PathBuf> {
    let secret_file = dir.path().join(format!("{id}.secret"));
    std::fs::write(&secret_file, format!("{secret}\n"))?;
    let setup = crate::stack::process::repository().join(".setup");
    let mut text = format!(
        "edge = \"{id}\"\ndata_dir = \"{}\"\n[mqtt]\nurl = \"{mqtt}\"\nsecret_file = \"{}\"\n[center]\nurl = \"{http}\"\n\
         [detector]\nmodel = \"{}\"\nruntime = \"{}\"\nthreads = 1\n",
        dir.path().join(id).display(),
        secret_file.display(),
        setup.join("model/nanodet-int8.onnx").display(),
        setup.join("lib/libonnxruntime.so").display(),
    );
    #[derive(serde::Serialize)]
    struct Cameras<'a> {
        camera: &'a [CameraConfig],
    }
    if !cameras.is_empty() {
        text.push_str(&toml::to_string(&Cameras { camera: cameras }).context("cameras as TOML")?);
    }
    let path = dir.path().join(format!("{id}.toml"));
    std::fs::write(&path, text)?;
    Ok(path)
}
