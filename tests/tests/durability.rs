//! Nothing is lost: the fault sections at a size that fits `make test`. `make faults` runs them in full.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_tests::faults::kills::{self, ALL_PARTS, Plan};
use ngatu_tests::faults::{Tally, center, disk, network, shed, storm, tenfold};
use ngatu_tests::virtual_edge::pilot::Makes;
use std::time::Duration;

fn say(line: String) {
    eprintln!("{line}");
}

/// Straight to the descriptor: what a passing test prints is not shown, and nobody would know what was left out.
fn say_aloud(line: String) {
    std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes()).unwrap();
}

/// Another one each time; it stands in the output.
fn seed() -> u64 {
    rand::random::<u32>().into()
}

fn clean(tally: Tally) {
    eprintln!("{tally} came_late={}", tally.came_late);
    assert!(tally.is_clean() && tally.events > 0, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_any_part_loses_nothing() {
    let mut center = center("kills").await.unwrap();
    let kills = Plan::cycle(&ALL_PARTS, 2);
    let plan =
        Plan { name: "kills", edges: 20, events: 6000, kills, makes: Makes::Observations, seed: seed() };
    clean(kills::run(&mut center, &plan, say).await.unwrap());
    center.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_three_times_and_shuffled_is_one_row() {
    let mut center = center("storm").await.unwrap();
    clean(storm::three_times_shuffled(&center, 1000).await.unwrap());
    center.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_does_not_freeze_the_center() {
    let mut center = center("burst").await.unwrap();
    let burst = storm::burst(&mut center, 8000).await.unwrap();
    eprintln!("{burst}");
    burst.check().unwrap();
    center.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_times_the_load_sheds_telemetry_and_no_alert_comes_late() {
    let mut center = center("tenfold").await.unwrap();
    let operator = center.operator().await.unwrap();
    let second = Duration::from_secs(1);
    let plan =
        tenfold::Plan { edges: 24, per_s: 1500, steady: second, burst: second * 4, max_bytes: 300_000 };
    let found = tenfold::run(&mut center, &operator, plan).await.unwrap();
    eprintln!("{found}");
    // Of a machine that does other things besides; `make faults` holds the real bar.
    found.check(20.0).unwrap();
    center.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_outbox_gives_up_telemetry_first_and_the_ledger_shows_each_drop() {
    let mut center = center("full").await.unwrap();
    let plan = shed::Plan { max_bytes: 1 << 20, telemetry: 1200, more_events: 500 };
    clean(shed::outbox_full(&center, plan).await.unwrap());
    center.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_no_event_without_saying_so() {
    let mut center = center("disk").await.unwrap();
    let tally = disk::disk_full(&center, say_aloud).await.unwrap();
    assert!(tally.is_clean(), "{tally:?}");
    center.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_network_loses_nothing() {
    let mut center = center("network").await.unwrap();
    let plan = network::Plan { partitions: 3, partition: Duration::from_secs(4), events_between: 40 };
    clean(network::partitions(&center, plan, say).await.unwrap().in_order_of_arrival().unwrap());
    clean(network::broker_away(&mut center, Duration::from_secs(6)).await.unwrap());
    center.stop().unwrap();
}
