//! `make faults`: every fault at its full number, one account at the end.
//!
//! Sections can be picked by name on the command line, `FAULTS_SCALE=0.1` shrinks all of them, and `FAULTS_SEED` repeats
//! the choice of moments and victims of a run that printed it.

#![allow(clippy::print_stdout, reason = "a program for people")]

use anyhow::{bail, ensure};
use ngatu_tests::clock;
use ngatu_tests::faults::kills::{self, ALL_PARTS, Plan, Target};
use ngatu_tests::faults::{Tally, center, commit, disk, drops, network, shed, storm, tenfold};
use ngatu_tests::stack::Part;
use ngatu_tests::virtual_edge::pilot::Makes;
use std::time::Duration;

const SECTIONS: [&str; 13] = [
    "all", "broker", "center", "database", "edge", "commit", "away", "full", "shuffled", "burst", "tenfold",
    "network", "drops",
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
                    "faults: {name}: {tally} observations={} busy_kills={} out_of_order={} came_late={} in {:.0} s",
                    tally.observations,
                    tally.busy_kills,
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
    if total.skipped > 0 {
        println!("faults: SKIPPED: {} checks that this machine does not allow, named above", total.skipped);
    }
    println!(
        "faults: out_of_order={} came_late={} observations={} busy_kills={}",
        total.out_of_order, total.came_late, total.observations, total.busy_kills
    );
    println!("faults: {total}");
    if failed.is_empty() { Ok(()) } else { bail!("{} of {} sections failed", failed.len(), wanted.len()) }
}

fn say(line: String) {
    println!("  {line}");
}

fn seed() -> anyhow::Result<u64> {
    Ok(std::env::var("FAULTS_SEED").ok().map_or(Ok(rand::random::<u32>().into()), |text| text.parse())?)
}

/// T16, in centers of its own.
async fn overload(scale: f64) -> anyhow::Result<Tally> {
    let plan = tenfold::Plan {
        edges: 80,
        per_s: 2000,
        steady: Duration::from_secs(10),
        burst: Duration::from_secs(60).mul_f64(scale),
        max_bytes: 1 << 20,
    };
    let start = async || {
        let center = center("tenfold").await?;
        let operator = center.operator().await?;
        Ok((center, operator))
    };
    Ok(tenfold::until_it_sheds(plan, start, say).await?.tally)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts, scaled down")]
async fn section(name: &str, scale: f64) -> anyhow::Result<Tally> {
    let times = |full: u32| (f64::from(full) * scale).ceil() as usize;
    let count = |full: u32| (f64::from(full) * scale).ceil() as u64;
    match name {
        "commit" => return commit::killed_inside(times(50), seed()?, say).await,
        "tenfold" => return overload(scale).await,
        _ => {}
    }
    let mut center = center(name).await?;
    let seed = seed()?;
    let kill = |name, targets: &[Target], each: u32, edges, events| Plan {
        name,
        edges,
        // An even number each, so that the last event of each edge is an end.
        events: (count(events) / edges).next_multiple_of(2) * edges,
        kills: Plan::cycle(targets, times(each)),
        makes: if name == "all" { Makes::Observations } else { Makes::Events },
        seed,
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
        "edge" => kills::run(&mut center, &kill("t4", &[Target::Edge], 50, 5, 40_000), say).await?,
        "away" => network::broker_away(&mut center, Duration::from_secs(120).mul_f64(scale)).await?,
        "full" => {
            let plan = shed::Plan { max_bytes: 1 << 20, telemetry: 3000, more_events: 3000 };
            let mut tally = shed::outbox_full(&center, plan).await?;
            tally += disk::disk_full(&center, say).await?;
            tally
        }
        "shuffled" => storm::three_times_shuffled(&center, count(20_000)).await?,
        "burst" => {
            let burst = storm::burst(&mut center, count(60_000)).await?;
            say(format!("burst: {burst}"));
            burst.check()?;
            burst.tally
        }
        "network" => {
            let plan = network::Plan {
                partitions: count(20),
                partition: Duration::from_secs(30).mul_f64(scale.max(0.1)),
                events_between: 100,
            };
            network::partitions(&center, plan, say).await?.in_order_of_arrival()?
        }
        "drops" => {
            let plan = drops::Plan { clients: 4, drops_each: times(250) };
            let found = drops::run(&center, &center.operator().await?, plan).await?;
            say(format!("drops: {found}"));
            Tally::default()
        }
        other => bail!("no section {other}"),
    };
    center.stop()?;
    let panics = center.dir().panics();
    ensure!(panics.is_empty(), "a part panicked: {panics:?}");
    Ok(tally)
}
