//! The `edge-agent` command: parses, builds, runs and drains.

use anyhow::Context;
use clap::{Parser, Subcommand};
use edge_agent::commands::{self, AnalyzeArgs, EnrollArgs, TrackArgs};
use edge_agent::config::{EXIT_CONFIG, EdgeSettings};
use std::path::PathBuf;
use std::process::ExitCode;

/// Watches cameras and brings what they see safely to the center.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Watch the cameras until SIGTERM or SIGINT.
    Run {
        /// The settings, edge.toml.
        #[arg(long)]
        config: PathBuf,
    },
    /// Analyse a video as fast as possible; the same result every time.
    Analyze(AnalyzeArgs),
    /// Run the tracker over a file of detections.
    Track(TrackArgs),
    /// Exchange a claim code for the edge's credential.
    Enroll(EnrollArgs),
    /// Check the settings without starting anything.
    Check {
        /// The settings, edge.toml.
        #[arg(long)]
        config: PathBuf,
    },
}

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| "info,ort=warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let done = match Arguments::parse().command {
        Command::Run { config } => return run(&config),
        Command::Check { config } => return check(&config),
        Command::Enroll(args) => return enroll(&args),
        Command::Analyze(args) => commands::analyze(&args),
        Command::Track(args) => commands::track(&args),
    };
    exit(done)
}

fn run(file: &std::path::Path) -> ExitCode {
    if let Err(mistakes) = commands::check(file) {
        return refuse(&mistakes);
    }
    let settings = match EdgeSettings::load(file) {
        Ok(settings) => settings,
        Err(error) => return refuse(&error.to_string()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    exit(runtime.context("cannot start the runtime").and_then(|runtime| {
        let done = runtime.block_on(commands::run(settings));
        // A picture that is still on its way is sent again by the next start.
        runtime.shutdown_timeout(std::time::Duration::from_millis(200));
        done
    }))
}

#[allow(clippy::print_stdout, reason = "the answer to the user")]
fn enroll(args: &EnrollArgs) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime.context("cannot start the runtime");
    exit(done.and_then(|runtime| runtime.block_on(commands::enroll(args))).map(|line| println!("{line}")))
}

#[allow(clippy::print_stdout, reason = "the answer to the user")]
fn check(file: &std::path::Path) -> ExitCode {
    match commands::check(file) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(mistakes) => refuse(&mistakes),
    }
}

fn refuse(mistakes: &str) -> ExitCode {
    eprintln!("{mistakes}");
    ExitCode::from(EXIT_CONFIG)
}

fn exit(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("edge-agent: {error:#}");
            ExitCode::FAILURE
        }
    }
}
