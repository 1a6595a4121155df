//! The test city by itself: footage and the rendered junction over RTSP, until Ctrl-C.

#![allow(clippy::print_stdout, reason = "a program for people")]

use anyhow::Context;
use clap::Parser;
use ngatu_tests::city::{City, Clip, Mode, junction};
use ngatu_tests::stack::process::repository;
use std::path::PathBuf;

#[derive(Parser)]
#[command(about = "Serves footage and a rendered junction over RTSP on loopback")]
struct Arguments {
    /// RTSP port; 0 picks a free one.
    #[arg(long, default_value_t = 8554)]
    port: u16,
    /// Footage to play in a loop.
    #[arg(long)]
    footage: Option<PathBuf>,
    /// Seed of the junction's colours.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the junction's truth as JSON lines and end.
    #[arg(long)]
    truth: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.truth {
        let truth = junction::truth(arguments.seed);
        for c in truth.crossings {
            println!(
                "{}",
                serde_json::json!({"wire": c.wire, "direction": c.direction, "at_s": c.at_s, "looks": format!("{:?}", c.looks)})
            );
        }
        println!(
            "{}",
            serde_json::json!({"intrusion_s": truth.intrusion_s, "loitering_s": truth.loitering_s})
        );
        return Ok(());
    }
    let city = City::start(arguments.port)?;
    let footage = arguments.footage.unwrap_or_else(|| repository().join(".setup/footage/vtest.avi"));
    let _footage = city.camera("footage", Clip::footage(&footage)?, Mode::Loop);
    let _junction = city.camera("junction", Clip::junction(arguments.seed)?, Mode::Loop);
    println!("{}\n{}", city.url("footage"), city.url("junction"));
    tokio::signal::ctrl_c().await.context("waiting for Ctrl-C")
}
