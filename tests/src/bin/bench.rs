//! `make bench`: one line a figure, each beside the floor measured in the same run, and a table at the end.
//!
//! Parts can be picked by name: small tracking ingest latency tracks video capacity rules smoke gate
//! counts policy backtest alertlist fanout. Ends with 0 whatever the figures are, and the table says which bars were reached;
//! a part that could not be measured ends it with 1.

#![allow(clippy::print_stdout, reason = "a program for people")]

use anyhow::bail;
use ngatu_tests::bench::{
    Figure, alertlist, backtest, capacity, counts, fanout, gate, ingest, latency, policy, rules, small,
    smoke, tracking, tracks, video,
};
use ngatu_tests::faults::center;
use ngatu_tests::stack::StackDir;
use std::sync::Arc;

const PARTS: [&str; 15] = [
    "small",
    "tracking",
    "ingest",
    "latency",
    "tracks",
    "video",
    "capacity",
    "rules",
    "smoke",
    "gate",
    "counts",
    "policy",
    "backtest",
    "alertlist",
    "fanout",
];

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match run().await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::ERROR).init();
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|name| !PARTS.contains(&name.as_str())) {
        bail!("no part `{unknown}`; there are: {}", PARTS.join(", "));
    }
    if wanted.is_empty() {
        wanted = PARTS.map(ToOwned::to_owned).to_vec();
    }
    let (mut figures, mut failed): (Vec<Figure>, Vec<&str>) = Default::default();
    for part in &wanted {
        match measure(part).await {
            Ok(measured) => {
                for figure in &measured {
                    println!("{figure}");
                }
                figures.extend(measured);
            }
            Err(error) => {
                println!("bench {part} failed: {error:#}");
                failed.push(part);
            }
        }
    }
    println!("\n| figure | value | floor | ratio | bar | |\n|---|---|---|---|---|---|");
    for figure in &figures {
        println!("{}", figure.row());
    }
    let missed = figures.iter().filter(|figure| figure.passes() == Some(false)).count();
    println!("\n{} figures, {missed} bars missed, {} parts failed", figures.len(), failed.len());
    if !failed.is_empty() {
        bail!("could not be measured: {}", failed.join(", "));
    }
    Ok(())
}

async fn measure(part: &str) -> anyhow::Result<Vec<Figure>> {
    match part {
        "small" => {
            let dir = StackDir::new("bench")?;
            small::measure(dir.path())
        }
        "tracking" => {
            let dir = StackDir::new("bench")?;
            tracking::measure(dir.path())
        }
        "smoke" => tokio::task::spawn_blocking(smoke::measure).await?,
        "video" => {
            let dir = StackDir::new("bench")?;
            tokio::task::spawn_blocking(move || video::measure(dir.path())).await?
        }
        "gate" => tokio::task::spawn_blocking(gate::measure).await?,
        "counts" => {
            let dir = StackDir::new("bench")?;
            counts::measure(dir.path())
        }
        "capacity" => capacity::measure(&Arc::new(StackDir::new("bench")?)).await,
        "rules" => tokio::task::spawn_blocking(rules::measure).await?,
        "ingest" => {
            let mut center = center("bench").await?;
            let figures = ingest::measure(&mut center, 200_000).await?;
            center.stop()?;
            Ok(figures)
        }
        "tracks" => {
            let mut center = center("bench").await?;
            let figures = tracks::measure(&center).await?;
            center.stop()?;
            Ok(figures)
        }
        "latency" => {
            let mut center = center("bench").await?;
            let operator = center.operator().await?;
            let figures = latency::measure(&mut center, &operator, 2000, 6).await?;
            center.stop()?;
            Ok(figures)
        }
        "policy" => tokio::task::spawn_blocking(policy::measure).await?,
        "backtest" => {
            let mut center = center("bench").await?;
            let figures = backtest::measure(&center).await?;
            center.stop()?;
            Ok(figures)
        }
        "alertlist" => {
            let mut center = center("bench").await?;
            let figures = alertlist::measure(&center).await?;
            center.stop()?;
            Ok(figures)
        }
        "fanout" => {
            let mut center = center("bench").await?;
            let figures = fanout::measure(&center).await?;
            center.stop()?;
            Ok(figures)
        }
        other => bail!("no part {other}"),
    }
}
