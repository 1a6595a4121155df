//! Kills at any time.

use super::*;

/// The child of the next test: pushes and says each number after its commit, until it is killed.
#[test]
fn child_that_pushes_until_it_is_killed() {
    let Ok(dir) = std::env::var("NGATU_TEST_OUTBOX_DIR") else { return };
    let outbox = open(Path::new(&dir), 64 << 20);
    for n in 0_u64.. {
        outbox.push(vec![event(&n.to_string()), health()]).unwrap();
        // Straight to the descriptor: the test harness captures what print writes.
        let line = format!("{}\n", outbox.last()[&Lane::Events]);
        std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
    }
}

/// Kills, of which each comes somewhat later in its process's life: a few in every test run, more where it is asked for.
fn rounds() -> u64 {
    std::env::var("NGATU_KILL_ROUNDS").map_or(8, |text| text.parse().unwrap())
}

#[test]
fn a_kill_at_any_time_loses_nothing_that_was_committed() {
    use std::io::{BufRead, BufReader};
    let dir = tempfile::tempdir().unwrap();
    let mut committed = 0;
    for round in 0..rounds() {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["outbox::tests::kill::child_that_pushes_until_it_is_killed", "--exact", "--nocapture"])
            .env("NGATU_TEST_OUTBOX_DIR", dir.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        for _ in 0..20 + 13 * (round % 16) {
            committed = lines.next().unwrap().unwrap().parse().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said between our last line and the kill was committed too.
        for line in lines.map_while(Result::ok) {
            if let Ok(number) = line.parse() {
                committed = number;
            }
        }
        let outbox = open(dir.path(), 64 << 20);
        let center = Center::read_all(&outbox, Lane::Events);
        assert!(center.unbroken() >= committed, "{} of {committed} after round {round}", center.unbroken());
        assert_eq!(center.unbroken(), outbox.last()[&Lane::Events]);
        center.check_adds_up(&outbox, Lane::Events);
    }
    assert!(committed > 0);
}
