//! `make faults`: every fault at its full number, one account at the end.
//!
//! Sections can be picked by name on the command line, and `FAULTS_SCALE=0.1` shrinks all of them.

#![allow(clippy::print_stdout, reason = "a program for people")]

use anyhow::bail;
use ngatu_tests::clock;
use ngatu_tests::faults::kills::{self, ALL_PARTS, Plan, Target};
use ngatu_tests::faults::{Tally, center, network, shed, storm, tenfold};
use ngatu_tests::stack::Part;
use std::time::Duration;

const SECTIONS: [&str; 11] = [
    "all", "broker", "center", "database", "edge", "away", "full", "shuffled", "burst", "tenfold", "network",
];

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match run().await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("faults: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::ERROR).init();
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|name| !SECTIONS.contains(&name.as_str())) {
        bail!("no section `{unknown}`; there are: {}", SECTIONS.join(", "));
    }
    if wanted.is_empty() {
        wanted = SECTIONS.map(ToOwned::to_owned).to_vec();
    }
    let scale: f64 = std::env::var("FAULTS_SCALE").ok().map_or(Ok(1.0), |text| text.parse())?;
    let mut total = Tally::default();
    let mut failed = Vec::new();
    for name in &wanted {
        let start = clock::instant();
        println!("faults: {name} …");
        match section(name, scale).await {
            Ok(tally) => {
                println!(
                    "faults: {name}: {tally} out_of_order={} came_late={} in {:.0} s",
                    tally.out_of_order,
                    tally.came_late,
                    start.elapsed().as_secs_f64()
                );
                total += tally;
                if !tally.is_clean() {
                    failed.push(name.as_str());
                }
            }
            Err(error) => {
                println!("faults: {name}: FAILED after {:.0} s: {error:#}", start.elapsed().as_secs_f64());
                failed.push(name.as_str());
            }
        }
    }
    if !failed.is_empty() {
        println!("faults: failed sections: {}", failed.join(", "));
    }
    println!("faults: {total}");
    if failed.is_empty() { Ok(()) } else { bail!("{} of {} sections failed", failed.len(), wanted.len()) }
}

fn say(line: String) {
    println!("  {line}");
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts, scaled down")]
async fn section(name: &str, scale: f64) -> anyhow::Result<Tally> {
    let times = |full: u32| (f64::from(full) * scale).ceil() as usize;
    let count = |full: u32| (f64::from(full) * scale).ceil() as u64;
    let mut center = center(name).await?;
    let kill = |name, targets: &[Target], each: u32, edges, events| Plan {
        name,
        edges,
        events: count(events) / edges * edges,
        kills: Plan::cycle(targets, times(each)),
    };
    let tally = match name {
        "all" => kills::run(&mut center, &kill("all", &ALL_PARTS, 20, 20, 20_000), say).await?,
        "broker" => {
            kills::run(&mut center, &kill("t1", &[Target::Part(Part::Broker)], 20, 20, 50_000), say).await?
        }
        "center" => {
            kills::run(&mut center, &kill("t2", &[Target::Part(Part::Center)], 20, 20, 50_000), say).await?
        }
        "database" => {
            kills::run(&mut center, &kill("t3", &[Target::Part(Part::Database)], 10, 20, 50_000), say).await?
        }
        "edge" => kills::run(&mut center, &kill("t4", &[Target::Edge], 50, 5, 20_000), say).await?,
        "away" => network::broker_away(&mut center, Duration::from_secs(120).mul_f64(scale)).await?,
        "full" => {
            let plan = shed::Plan { max_bytes: 1 << 20, telemetry: 3000, more_events: 3000 };
            let mut tally = shed::outbox_full(&center, plan).await?;
            tally += shed::disk_full(&center, say).await?;
            tally
        }
        "shuffled" => storm::three_times_shuffled(&center, count(20_000)).await?,
        "burst" => {
            let burst = storm::burst(&mut center, count(60_000)).await?;
            say(format!(
                "burst: {:.1} s in all, slowest /readyz {:.2} s, slowest neighbour {:.2} s, center {} MiB",
                burst.took_s,
                burst.slowest_reply_s,
                burst.slowest_neighbour_s,
                burst.resident_bytes >> 20
            ));
            burst.tally
        }
        "tenfold" => {
            let plan = tenfold::Plan {
                edges: 80,
                per_s: 2000,
                steady: Duration::from_secs(10),
                burst: Duration::from_secs(60).mul_f64(scale),
                max_bytes: 1 << 20,
            };
            let operator = center.operator().await?;
            let found = tenfold::run(&mut center, &operator, plan).await?;
            say(format!("tenfold: {found}"));
            found.check()?;
            found.tally
        }
        "network" => {
            let plan = network::Plan {
                partitions: count(20),
                partition: Duration::from_secs(30).mul_f64(scale.max(0.1)),
                events_between: 100,
            };
            network::partitions(&center, plan, say).await?
        }
        other => bail!("no section {other}"),
    };
    center.stop()?;
    Ok(tally)
}
