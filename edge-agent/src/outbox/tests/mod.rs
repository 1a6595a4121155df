//! The outbox as the pipeline and the uplink see it, on a real file.

use super::*;
use ngatu_protocol::{EventData, EventKind, HealthData, LossReason, Phase, RuleId, Why};
use std::collections::BTreeSet;
use uuid::Uuid;

mod damage;
mod disk;
mod kill;
mod losses;
mod random;

fn edge() -> EdgeId {
    EdgeId::new("nga-tu-1").unwrap()
}

fn open(dir: &Path, max_bytes: u64) -> Outbox {
    Outbox::open(dir, OutboxOptions { edge: edge(), max_bytes }).unwrap()
}

fn event(why: &str) -> Message {
    Message {
        id: Uuid::now_v7(),
        camera: None,
        time: crate::clock::now(),
        body: Body::Event(EventData {
            kind: EventKind::Intrusion,
            rule: RuleId::new("yard").unwrap(),
            zone: None,
            track: Some(1),
            class: None,
            phase: Phase::Start,
            confidence: 0.5,
            picture: None,
            place: None,
            speed_kmh: None,
            snapshot: None,
            model: None,
            config: 0,
            clock_error_ms: None,
            why: Some(Why::note(why)),
        }),
    }
}

fn health() -> Message {
    Message {
        id: Uuid::now_v7(),
        camera: None,
        time: crate::clock::now(),
        body: Body::Health(HealthData { version: "1".into(), ..HealthData::default() }),
    }
}

/// What a center knows after reading everything of a lane that is pending.
#[derive(Default, Debug)]
struct Center {
    received: BTreeSet<u64>,
    lost: BTreeSet<u64>,
    /// Sums of the declared counts, each loss taken once.
    counts: BTreeMap<u64, u64>,
    reasons: BTreeSet<LossReason>,
    after: u64,
}

impl Center {
    fn read(&mut self, outbox: &Outbox, lane: Lane, max_messages: usize) -> bool {
        let slice =
            outbox.pending(Want { lane, after: self.after, max_messages, max_bytes: 64 * 1024 }).unwrap();
        let payload = format!("[{}]", slice.envelopes.join(","));
        for decoded in ngatu_protocol::batch::decode(payload.as_bytes(), &edge(), lane).unwrap() {
            let decoded = decoded.unwrap();
            self.received.insert(decoded.envelope.sequence);
            if let Body::Loss(loss) = decoded.body {
                self.counts.insert(decoded.envelope.sequence, loss.count);
                self.reasons.insert(loss.reason);
                self.lost.extend(loss.from..=loss.to);
            }
        }
        self.after = slice.upto;
        !slice.envelopes.is_empty()
    }

    fn read_all(outbox: &Outbox, lane: Lane) -> Center {
        let mut center = Center::default();
        while center.read(outbox, lane, 500) {}
        center
    }

    /// All numbers up to this one arrived or were declared lost.
    fn unbroken(&self) -> u64 {
        (1..).find(|n| !self.received.contains(n) && !self.lost.contains(n)).unwrap() - 1
    }

    fn check_adds_up(&self, outbox: &Outbox, lane: Lane) {
        assert_eq!(self.unbroken(), outbox.last()[&lane], "{lane} has a silent hole");
        let never_came = self.lost.iter().filter(|n| !self.received.contains(n)).count() as u64;
        assert_eq!(never_came, self.counts.values().sum::<u64>(), "{lane}: declared counts");
        assert_eq!(never_came, outbox.dropped()[&lane], "{lane}: drop counter");
    }
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = crate::clock::instant();
    while !holds() {
        assert!(start.elapsed().as_secs() < 120, "never came: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn what_was_pushed_is_there_after_reopening_with_its_number() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 1 << 20);
    let id = outbox.id();
    outbox.push(vec![event("a"), health(), event("b")]).unwrap();
    assert_eq!(outbox.next_boot().unwrap(), 1);
    drop(outbox);
    let outbox = open(dir.path(), 1 << 20);
    assert_eq!(outbox.id(), id);
    assert_eq!(outbox.next_boot().unwrap(), 2);
    outbox.push(vec![event("c")]).unwrap();
    assert_eq!(outbox.depth()[&Lane::Events], 3);
    assert_eq!(outbox.depth()[&Lane::Health], 1);
    let center = Center::read_all(&outbox, Lane::Events);
    assert_eq!(center.received, BTreeSet::from([1, 2, 3]));
}

#[test]
fn an_acknowledged_message_is_forgotten_and_its_number_is_not_given_again() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 1 << 20);
    outbox.push(vec![event("a"), event("b")]).unwrap();
    outbox.acknowledged(Lane::Events, 2);
    wait_until("the rows are deleted", || outbox.depth()[&Lane::Events] == 0);
    assert_eq!(outbox.oldest()[&Lane::Events], 3);
    drop(outbox);
    let outbox = open(dir.path(), 1 << 20);
    outbox.push(vec![event("c")]).unwrap();
    assert_eq!(Center::read_all(&outbox, Lane::Events).received, BTreeSet::from([3]));
}

#[test]
fn an_acknowledgement_of_numbers_never_given_deletes_no_later_message() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 1 << 20);
    outbox.push(vec![event("a")]).unwrap();
    outbox.acknowledged(Lane::Events, 1);
    wait_until("the row is deleted", || outbox.depth()[&Lane::Events] == 0);
    outbox.push(vec![event("b")]).unwrap();
    assert_eq!(outbox.depth()[&Lane::Events], 1);
}

#[test]
fn a_second_user_of_the_same_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _outbox = open(dir.path(), 1 << 20);
    let error = Outbox::open(dir.path(), OutboxOptions { edge: edge(), max_bytes: 1 << 20 }).unwrap_err();
    assert!(error.to_string().contains("another process"), "{error}");
}

#[test]
fn a_copy_of_the_lock_in_a_process_just_started_does_not_keep_the_outbox_from_being_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 1 << 20);
    let _copy = outbox.inner.lock.try_clone().unwrap();
    drop(outbox);
    open(dir.path(), 1 << 20);
}

#[test]
fn an_outbox_of_another_edge_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path(), 1 << 20));
    let other = EdgeId::new("other").unwrap();
    let error = Outbox::open(dir.path(), OutboxOptions { edge: other, max_bytes: 1 << 20 }).unwrap_err();
    assert!(error.to_string().contains("belongs to edge"), "{error}");
}

#[test]
fn a_message_outside_the_protocol_stores_nothing_of_its_push() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 1 << 20);
    let mut bad = event("bad");
    if let Body::Event(data) = &mut bad.body {
        data.confidence = f64::NAN;
    }
    assert!(matches!(outbox.push(vec![event("good"), bad]), Err(OutboxError::Invalid(_))));
    assert_eq!(outbox.depth()[&Lane::Events], 0);
}

#[test]
fn a_full_outbox_drops_health_before_events_and_declares_each() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 200 * 1024);
    for _ in 0..10 {
        outbox.push((0..20).map(|_| health()).collect()).unwrap();
    }
    assert_eq!(outbox.dropped()[&Lane::Health], 0, "the table's sizes no longer fit this test");
    while outbox.dropped()[&Lane::Health] < 200 {
        outbox.push((0..10).map(|_| event(&"x".repeat(200))).collect()).unwrap();
        let dropped = outbox.dropped();
        assert!(
            dropped[&Lane::Events] == 0 || dropped[&Lane::Health] == 200,
            "events must go last: {dropped:?}"
        );
    }
    for _ in 0..50 {
        outbox.push(vec![event(&"y".repeat(200)), health()]).unwrap();
    }
    assert!(outbox.dropped()[&Lane::Events] > 0);
    for lane in [Lane::Events, Lane::Health] {
        let center = Center::read_all(&outbox, lane);
        center.check_adds_up(&outbox, lane);
        assert_eq!(center.reasons, BTreeSet::from([LossReason::OutboxFull]));
        assert_eq!(center.counts.len(), 1, "while nobody reads, a lane's shortage stays one message");
    }
    let file = std::fs::metadata(dir.path().join(FILE_NAME)).unwrap().len();
    assert!(file <= 250 * 1024, "{file} bytes for a limit of 200 KiB");
}

#[test]
fn the_oldest_go_first_and_what_was_handed_out_goes_last() {
    for handed_out in [0, 40] {
        let dir = tempfile::tempdir().unwrap();
        let outbox = open(dir.path(), 200 * 1024);
        outbox.push((0..300).map(|_| health()).collect()).unwrap();
        if handed_out > 0 {
            let mut uplink = Center::default();
            uplink.read(&outbox, Lane::Health, handed_out);
            assert_eq!(uplink.received.len(), handed_out);
        }
        while outbox.dropped()[&Lane::Health] < 100 {
            outbox.push((0..10).map(|_| event(&"x".repeat(200))).collect()).unwrap();
        }
        let center = Center::read_all(&outbox, Lane::Health);
        center.check_adds_up(&outbox, Lane::Health);
        let handed_out = handed_out as u64;
        let dropped = outbox.dropped()[&Lane::Health];
        assert!(dropped + handed_out < 300, "{dropped} dropped: this test wants some to stay");
        let lost: BTreeSet<u64> = (handed_out + 1..=handed_out + dropped).collect();
        assert_eq!(center.lost, lost, "not the oldest of those that nobody had read");
        let left = center.received.iter().filter(|number| !center.counts.contains_key(number));
        let wanted = (1..=handed_out).chain(handed_out + dropped + 1..=300);
        assert!(left.copied().eq(wanted), "{:?}", center.received);
    }
}

#[test]
fn a_declared_loss_travels_at_its_hole() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 100 * 1024);
    while outbox.dropped()[&Lane::Events] == 0 {
        outbox.push(vec![event(&"x".repeat(300))]).unwrap();
    }
    let mut center = Center::default();
    center.read(&outbox, Lane::Events, 2);
    assert!(center.unbroken() > outbox.dropped()[&Lane::Events], "{center:?}");
}

#[test]
fn a_damaged_row_is_never_sent_and_is_declared() {
    let dir = tempfile::tempdir().unwrap();
    drop({
        let outbox = open(dir.path(), 1 << 20);
        outbox.push((0..20).map(|n| event(&format!("number {n}"))).collect()).unwrap();
        outbox
    });
    let file = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    file.execute("UPDATE events SET body = replace(body, 'number', 'numbes') WHERE sequence = 5", [])
        .unwrap();
    file.execute("UPDATE events SET checksum = 'text' WHERE sequence = 7", []).unwrap();
    file.execute("UPDATE events SET body = NULL WHERE sequence = 6", []).unwrap_err();
    file.execute("DELETE FROM events WHERE sequence BETWEEN 11 AND 12", []).unwrap();
    drop(file);
    let outbox = open(dir.path(), 1 << 20);
    let first = Center::read_all(&outbox, Lane::Events);
    assert!(!first.received.contains(&5) && !first.received.contains(&7));
    wait_until("the damage is declared", || outbox.dropped()[&Lane::Events] == 4);
    let center = Center::read_all(&outbox, Lane::Events);
    center.check_adds_up(&outbox, Lane::Events);
    assert_eq!(center.lost, BTreeSet::from([5, 7, 11, 12]));
    assert_eq!(center.reasons, BTreeSet::from([LossReason::Corrupt]));
}

#[test]
fn callers_at_the_same_time_share_commits_and_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 64 << 20);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..50 {
                    outbox.push(vec![event("a")]).unwrap();
                }
            });
        }
    });
    assert_eq!(outbox.depth()[&Lane::Events], 800);
    assert_eq!(Center::read_all(&outbox, Lane::Events).unbroken(), 800);
}

#[test]
#[ignore = "a measurement: cargo test --release -- --ignored --nocapture push_throughput"]
fn push_throughput_by_batch_size() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 8 << 30);
    for (batch, callers) in [(1_usize, 1_usize), (1, 16), (50, 1), (500, 1)] {
        let start = crate::clock::instant();
        let pushes = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..callers {
                scope.spawn(|| {
                    while start.elapsed().as_secs() < 3 {
                        outbox
                            .push((0..batch).map(|_| event("a plain reason of usual length")).collect())
                            .unwrap();
                        pushes.fetch_add(batch, std::sync::atomic::Ordering::Relaxed);
                    }
                });
            }
        });
        let rate = pushes.into_inner() as f64 / start.elapsed().as_secs_f64();
        println!("push batch {batch} callers {callers}: {rate:.0} rows/s");
    }
    let start = crate::clock::instant();
    let mut rows = 0;
    let mut after = 0;
    loop {
        let want = Want { lane: Lane::Events, after, max_messages: 500, max_bytes: 128 * 1024 };
        let slice = outbox.pending(want).unwrap();
        if slice.envelopes.is_empty() {
            break;
        }
        rows += slice.envelopes.len();
        after = slice.upto;
    }
    println!("read: {:.0} rows/s", rows as f64 / start.elapsed().as_secs_f64());
}
