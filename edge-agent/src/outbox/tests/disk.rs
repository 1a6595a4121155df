//! A disk that is full.

use super::*;
use std::path::PathBuf;

/// Names the small disk to the process that runs on it.
const SMALL_DISK: &str = "NGATU_TEST_SMALL_DISK";

/// The folder of a small disk of its own, in the process that has one. In the test's own process it runs the test once
/// more, in a mount namespace where such a disk is mounted, and answers with nothing: ordinary users may do that in a
/// user namespace, root where there are none.
fn small_disk(test: &str, size: &str) -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os(SMALL_DISK) {
        return Some(dir.into());
    }
    let dir = tempfile::tempdir().unwrap();
    let works = |arguments: &[&str]| {
        let tried = std::process::Command::new("unshare")
            .args(arguments)
            .args(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(dir.path())
            .output();
        tried.is_ok_and(|output| output.status.success())
    };
    let ways: [&[&str]; 2] = [&["--user", "--map-root-user", "--mount"], &["--mount"]];
    let Some(way) = ways.into_iter().find(|way| works(way)) else {
        // Straight to the descriptor: the test harness keeps back what a passing test prints.
        let line = format!("SKIPPED {test}: neither a user namespace nor root can mount a small disk here\n");
        std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
        return None;
    };
    let script = format!("mount -t tmpfs -o size={size} tmpfs \"${SMALL_DISK}\" && exec \"$@\"");
    let output = std::process::Command::new("unshare")
        .args(way)
        .args(["sh", "-c", &script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args([&format!("outbox::tests::disk::{test}"), "--exact", "--nocapture"])
        .env(SMALL_DISK, dir.path())
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert!(output.status.success() && said.contains("1 passed"), "on a small disk: {}", output.status);
    None
}

#[test]
fn a_full_disk_costs_health_first_is_shown_and_is_overcome() {
    let test = "a_full_disk_costs_health_first_is_shown_and_is_overcome";
    let Some(disk) = small_disk(test, "3m") else { return };
    let filler = disk.join("filler");
    std::fs::write(&filler, vec![1; 1024 * 1024]).unwrap();
    let outbox = open(&disk, 1 << 30);
    let long = "x".repeat(300);
    let mut held = 0;
    let mut rounds = 0;
    // Health first, so that there is something to give up; then events until some of them had to go as well.
    while outbox.problem().is_none() || outbox.dropped()[&Lane::Events] == 0 {
        let health_share = if outbox.problem().is_none() { 10 } else { 1 };
        let messages = (0..10).map(|_| event(&long)).chain((0..health_share).map(|_| health()));
        match outbox.push(messages.collect()) {
            Ok(()) => {}
            Err(OutboxError::HeldInMemory(_)) => held += 1,
            Err(error) => panic!("{error}"),
        }
        let (dropped, depth) = (outbox.dropped(), outbox.depth());
        assert!(
            dropped[&Lane::Events] == 0 || depth[&Lane::Health] < 60,
            "events went before health: {dropped:?} dropped, {depth:?} left"
        );
        rounds += 1;
        assert!(rounds < 5000, "the disk never filled: {depth:?}");
    }
    println!("{rounds} rounds, {held} held, dropped {:?}", outbox.dropped());
    assert!(outbox.dropped()[&Lane::Health] > 0);
    for _ in 0..50 {
        let _ = outbox.push(vec![event(&long), health()]);
    }
    std::fs::remove_file(&filler).unwrap();
    wait_until("the outbox recovers by itself", || outbox.problem().is_none());
    outbox.push(vec![event("after"), health()]).unwrap();
    let reasons = BTreeSet::from([LossReason::Disk]);
    for lane in [Lane::Events, Lane::Health] {
        let center = Center::read_all(&outbox, lane);
        center.check_adds_up(&outbox, lane);
        assert_eq!(center.reasons, reasons);
    }
    drop(outbox);
    let outbox = open(&disk, 1 << 30);
    for lane in [Lane::Events, Lane::Health] {
        Center::read_all(&outbox, lane).check_adds_up(&outbox, lane);
    }
}

/// How many events and health messages are pushed before the disk is full.
const BEFORE: (u64, u64) = (1, 1);

fn plus(one: (u64, u64), other: (u64, u64)) -> (u64, u64) {
    (one.0 + other.0, one.1 + other.1)
}

/// Pushes [`BEFORE`]; then someone else takes all the room, the reserve as well.
fn take_all_room(outbox: &Outbox, disk: &Path) -> PathBuf {
    outbox.push(vec![event("before"), health()]).unwrap();
    std::fs::remove_file(disk.join("outbox.reserve")).unwrap();
    let filler = disk.join("filler");
    let mut file = File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {}
    filler
}

/// Pushes until five pushes had to wait in memory; returns how many events and health messages there were.
fn push_until_held(outbox: &Outbox) -> (u64, u64) {
    let (mut events, mut healths, mut held) = (0, 0, 0);
    let long = "x".repeat(300);
    while held < 5 {
        let messages = (0..100).map(|_| event(&long)).chain((0..7).map(|_| health())).collect();
        (events, healths) = (events + 100, healths + 7);
        match outbox.push(messages) {
            Ok(()) => {}
            Err(OutboxError::HeldInMemory(_)) => held += 1,
            Err(error) => panic!("{error}"),
        }
        assert!(events < 10_000, "the disk takes everything");
    }
    (events, healths)
}

/// Reads both lanes as a center does: each message arrives or is declared lost.
fn every_message_is_accounted_for(outbox: &Outbox, (events, healths): (u64, u64)) {
    for (lane, pushed) in [(Lane::Events, events), (Lane::Health, healths)] {
        let center = Center::read_all(outbox, lane);
        center.check_adds_up(outbox, lane);
        let arrived = (center.received.len() - center.counts.len()) as u64;
        assert_eq!(arrived + outbox.dropped()[&lane], pushed, "{lane}");
    }
}

#[test]
fn a_disk_without_any_room_leaves_events_in_memory_until_it_has_some() {
    let test = "a_disk_without_any_room_leaves_events_in_memory_until_it_has_some";
    let Some(disk) = small_disk(test, "2m") else { return };
    let outbox = open(&disk, 1 << 30);
    let filler = take_all_room(&outbox, &disk);
    let pushed = plus(BEFORE, push_until_held(&outbox));
    assert!(outbox.problem().unwrap().contains("wait in memory"), "{:?}", outbox.problem());
    std::fs::remove_file(&filler).unwrap();
    wait_until("the outbox recovers by itself", || outbox.problem().is_none());
    every_message_is_accounted_for(&outbox, pushed);
    assert!(outbox.dropped()[&Lane::Health] >= 35);
}

#[test]
fn what_waits_in_memory_gets_a_last_chance_when_the_agent_stops() {
    let test = "what_waits_in_memory_gets_a_last_chance_when_the_agent_stops";
    let Some(disk) = small_disk(test, "2m") else { return };
    let outbox = open(&disk, 1 << 30);
    let filler = take_all_room(&outbox, &disk);
    let pushed = plus(BEFORE, push_until_held(&outbox));
    std::fs::remove_file(&filler).unwrap();
    drop(outbox);
    every_message_is_accounted_for(&open(&disk, 1 << 30), pushed);
}

/// The child of the next test: pushes on a disk without room, says how much, and is killed.
#[test]
fn child_that_is_killed_on_a_full_disk() {
    let Some(disk) = std::env::var_os("NGATU_TEST_FULL_DISK").map(PathBuf::from) else { return };
    let is_first = !disk.join("filler").exists();
    let outbox = open(&disk, 1 << 30);
    let mut pushed = (0, 0);
    if is_first {
        take_all_room(&outbox, &disk);
        pushed = BEFORE;
    }
    pushed = plus(pushed, push_until_held(&outbox));
    // Straight to the descriptor: the test harness captures what print writes.
    let line = format!("pushed {} {}\n", pushed.0, pushed.1);
    std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
    loop {
        std::thread::park();
    }
}

/// Starts the child, kills it on the full disk and returns what it had pushed.
fn killed_on_the_full_disk(disk: &Path) -> (u64, u64) {
    use std::io::{BufRead, BufReader};
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["outbox::tests::disk::child_that_is_killed_on_a_full_disk", "--exact", "--nocapture"])
        .env("NGATU_TEST_FULL_DISK", disk)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let figures = lines
        .inspect(|line| println!("{line}"))
        .find_map(|line| line.strip_prefix("pushed ").map(str::to_owned));
    child.kill().unwrap();
    child.wait().unwrap();
    let figures = figures.expect("the child ended by itself");
    let (events, healths) = figures.split_once(' ').unwrap();
    (events.parse().unwrap(), healths.parse().unwrap())
}

#[test]
fn a_kill_while_the_disk_takes_nothing_is_declared_once_there_is_room() {
    let test = "a_kill_while_the_disk_takes_nothing_is_declared_once_there_is_room";
    let Some(disk) = small_disk(test, "2m") else { return };
    let mut pushed = (0, 0);
    for _ in 0..3 {
        pushed = plus(pushed, killed_on_the_full_disk(&disk));
    }
    std::fs::remove_file(disk.join("filler")).unwrap();
    let mut outbox = open(&disk, 1 << 30);
    every_message_is_accounted_for(&outbox, pushed);
    // Each of the three had at least its last push in memory when it was killed.
    let dropped = outbox.dropped();
    println!("{dropped:?} of {pushed:?}");
    assert!(dropped[&Lane::Events] >= 3 * 100 && dropped[&Lane::Health] >= 3 * 7, "{dropped:?}");
    // Once only: neither another opening nor another full disk says it again.
    for _ in 0..2 {
        drop(outbox);
        outbox = open(&disk, 1 << 30);
        every_message_is_accounted_for(&outbox, pushed);
        assert_eq!(outbox.dropped(), dropped);
    }
    drop(outbox);
    pushed = plus(pushed, killed_on_the_full_disk(&disk));
    std::fs::remove_file(disk.join("filler")).unwrap();
    every_message_is_accounted_for(&open(&disk, 1 << 30), pushed);
}
