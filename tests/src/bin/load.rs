//! The load generator: N virtual edges with the real outbox and uplink, at a rate, for a time.

#![allow(clippy::print_stdout, reason = "a program for people")]

use anyhow::{Context, ensure};
use clap::Parser;
use ngatu_protocol::EdgeId;
use ngatu_tests::clock;
use ngatu_tests::virtual_edge::load::Load;
use ngatu_tests::virtual_edge::{Options, VirtualEdge};
use std::path::PathBuf;
use std::time::Duration;

/// A run that made less than this share of what was asked for fails.
const REACHED: f64 = 0.95;

#[derive(Parser)]
#[command(about = "N virtual edges at a rate for a time; ends when the center has acknowledged everything")]
struct Arguments {
    /// The broker, such as mqtt://127.0.0.1:1883.
    #[arg(long)]
    url: String,
    /// One line an edge: its id, a space, its device secret.
    #[arg(long)]
    edges_file: PathBuf,
    /// Events per second of all edges together.
    #[arg(long, default_value_t = 200)]
    per_s: u64,
    /// How long, seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the outboxes lie; a temporary folder by default.
    #[arg(long)]
    dir: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let arguments = Arguments::parse();
    let temporary = tempfile::tempdir()?;
    let dir = arguments.dir.unwrap_or_else(|| temporary.path().to_path_buf());
    let text = std::fs::read_to_string(&arguments.edges_file).context("reading --edges-file")?;
    let mut edges = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (edge, secret) = line.trim().split_once(' ').context("a line is: edge secret")?;
        let mut edge = VirtualEdge::open(Options {
            edge: EdgeId::new(edge)?,
            secret: secret.trim().into(),
            url: arguments.url.clone(),
            dir: dir.join(edge),
            max_bytes: 1 << 30,
        })?;
        edge.connect()?;
        edges.push(edge);
    }
    ensure!(!edges.is_empty(), "--edges-file names no edge");
    let start = clock::instant();
    let load = Load { per_s: arguments.per_s, length: Duration::from_secs(arguments.seconds) };
    let per_s = load.run(&edges).await?;
    let made: u64 = edges.iter().map(VirtualEdge::made).sum();
    let pushed_s = start.elapsed().as_secs_f64();
    for edge in &edges {
        edge.drained(Duration::from_secs(120)).await?;
    }
    println!(
        "load: edges={} events={made} per_s={per_s:.1} pushed_s={pushed_s:.1} drained_s={:.1}",
        edges.len(),
        start.elapsed().as_secs_f64()
    );
    for edge in edges {
        edge.stop().await;
    }
    let wanted = arguments.per_s;
    #[allow(clippy::cast_precision_loss, reason = "a rate is small")]
    let reached = per_s >= REACHED * wanted as f64;
    ensure!(reached, "{wanted}/s were asked for, and this machine made {per_s:.1}");
    Ok(())
}
