//! A virtual edge that a fault test steers and kills; see `ngatu_tests::virtual_edge::pilot`.

use clap::Parser;
use ngatu_protocol::EdgeId;
use ngatu_tests::faults::disk;
use ngatu_tests::virtual_edge::pilot::Makes;
use ngatu_tests::virtual_edge::{Options, pilot};
use std::path::PathBuf;

#[derive(Parser)]
struct Arguments {
    edge: EdgeId,
    #[arg(long)]
    url: String,
    #[arg(long)]
    secret_file: PathBuf,
    #[arg(long)]
    dir: PathBuf,
    #[arg(long, default_value_t = 1 << 30)]
    max_bytes: u64,
    /// An observation beside each event.
    #[arg(long)]
    observations: bool,
    /// Fill the disk that the folder lies on, free it again, send everything and end.
    #[arg(long)]
    full_disk: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO).init();
    let Arguments { edge, url, secret_file, dir, max_bytes, observations, full_disk } = Arguments::parse();
    let secret = std::fs::read_to_string(secret_file)?.trim().to_owned();
    let options = Options { edge, secret, url, dir, max_bytes };
    if full_disk {
        return disk::serve(options).await;
    }
    let makes = if observations { Makes::Observations } else { Makes::Events };
    pilot::serve(options, makes).await
}
