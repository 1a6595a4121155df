//! The window against a table, and against a center behind a line that loses, doubles and reorders.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const OUTBOX: OutboxId = OutboxId(Uuid::from_u128(1));

fn start() -> Instant {
    crate::clock::instant()
}

fn oldest(number: u64) -> BTreeMap<Lane, u64> {
    Lane::ALL.map(|lane| (lane, number)).into()
}

fn slice(from: u64, to: u64) -> Slice {
    Slice { envelopes: (from..=to).map(|n| n.to_string()).collect(), upto: to, settles: to }
}

fn ack(lane: Lane, upto: u64) -> Ack {
    Ack { outbox: OUTBOX, lane, upto }
}

#[test]
fn lanes_drain_in_their_order_and_a_new_event_overtakes_a_backlog() {
    let now = start();
    let mut window = Window::new(OUTBOX, &oldest(1), Limits::default(), now);
    window.grown(&[(Lane::Observations, 9000), (Lane::Health, 1), (Lane::Events, 1)].into());
    for lane in [Lane::Events, Lane::Health, Lane::Observations] {
        assert_eq!(window.next(now).unwrap().lane, lane);
        window.sent(lane, &slice(1, 1), now);
    }
    window.grown(&[(Lane::Events, 2)].into());
    assert_eq!(window.next(now).unwrap().lane, Lane::Events);
}

#[test]
fn health_is_heard_while_events_fill_the_line() {
    let now = start();
    let mut window = Window::new(OUTBOX, &oldest(1), Limits::default(), now);
    window.grown(&[(Lane::Observations, 9000), (Lane::Health, 1), (Lane::Events, 1_000_000)].into());
    let mut sent = BTreeMap::new();
    for _ in 0..80 {
        let Want { lane, after, .. } = window.next(now).unwrap();
        window.sent(lane, &slice(after + 1, after + 1), now);
        window.acknowledged(&ack(lane, after + 1), now);
        *sent.entry(lane).or_insert(0) += 1;
    }
    assert_eq!(sent, [(Lane::Events, 70), (Lane::Health, 1), (Lane::Observations, 9)].into());
}

#[test]
fn a_lane_alone_never_waits_for_others_and_a_new_event_never_for_a_long_backlog() {
    let now = start();
    let mut window = Window::new(OUTBOX, &oldest(1), Limits::default(), now);
    window.grown(&[(Lane::Observations, 9000)].into());
    for n in 1..=100 {
        assert_eq!(window.next(now).unwrap().lane, Lane::Observations);
        window.sent(Lane::Observations, &slice(n, n), now);
    }
    window.grown(&[(Lane::Events, 1)].into());
    assert_eq!(window.next(now).unwrap().lane, Lane::Events);
}

#[test]
fn a_full_window_waits_and_a_stalled_lane_does_not_hold_back_the_others_for_ever() {
    let now = start();
    let limits = Limits { messages: 10, ..Limits::default() };
    let mut window = Window::new(OUTBOX, &oldest(1), limits, now);
    window.grown(&[(Lane::Events, 30), (Lane::Health, 1)].into());
    assert_eq!(window.next(now).unwrap().max_messages, 10);
    window.sent(Lane::Events, &slice(1, 10), now);
    assert_eq!(window.next(now), None);
    assert_eq!(window.next(now + limits.stalled_after).unwrap().lane, Lane::Health);
    assert_eq!(window.acknowledged(&ack(Lane::Events, 10), now), Acked::Upto(10));
    assert_eq!(window.next(now).unwrap().after, 10);
}

#[test]
fn what_is_not_acknowledged_in_time_is_sent_again_from_the_oldest() {
    let now = start();
    let limits = Limits::default();
    let mut window = Window::new(OUTBOX, &oldest(5), limits, now);
    window.grown(&[(Lane::Events, 9)].into());
    window.sent(Lane::Events, &slice(5, 9), now);
    assert_eq!(window.acknowledged(&ack(Lane::Events, 6), now), Acked::Upto(6));
    assert_eq!(window.next(now + limits.resend_after - Duration::from_millis(1)), None);
    assert_eq!(window.next(now + limits.resend_after).unwrap().after, 6);
}

#[test]
fn a_new_connection_sends_everything_unacknowledged_again() {
    let now = start();
    let mut window = Window::new(OUTBOX, &oldest(1), Limits::default(), now);
    window.grown(&[(Lane::Events, 9)].into());
    window.sent(Lane::Events, &slice(1, 9), now);
    window.acknowledged(&ack(Lane::Events, 4), now);
    window.connected(now);
    assert_eq!(window.next(now).unwrap().after, 4);
}

#[test]
fn only_acknowledgements_of_what_was_sent_count() {
    let now = start();
    let mut window = Window::new(OUTBOX, &oldest(1), Limits::default(), now);
    window.grown(&[(Lane::Events, 20)].into());
    window.sent(Lane::Events, &slice(1, 10), now);
    let other = Ack { outbox: OutboxId(Uuid::from_u128(2)), lane: Lane::Events, upto: 5 };
    let table = [
        (other, Acked::Foreign),
        (ack(Lane::Events, 21), Acked::Foreign),
        (ack(Lane::Health, 1), Acked::Foreign),
        (ack(Lane::Events, 3), Acked::Upto(3)),
        (ack(Lane::Events, 2), Acked::Stale),
        (ack(Lane::Events, 3), Acked::Stale),
        // An earlier life sent up to 15: only 10 is known to have been sent by this one.
        (ack(Lane::Events, 15), Acked::Upto(10)),
    ];
    for (ack, wanted) in table {
        assert_eq!(window.acknowledged(&ack, now), wanted, "{ack:?}");
    }
}

#[derive(Debug, Clone)]
enum Fate {
    Arrives,
    Lost,
    Twice,
    Late,
}

fn fates() -> impl Strategy<Value = Vec<(Fate, bool, bool)>> {
    let fate = prop_oneof![
        6 => Just(Fate::Arrives), 2 => Just(Fate::Lost), 1 => Just(Fate::Twice), 2 => Just(Fate::Late)
    ];
    // The message's fate, whether its acknowledgement is lost, whether the connection breaks after it.
    proptest::collection::vec((fate, proptest::bool::weighted(0.2), proptest::bool::weighted(0.1)), 0..60)
}

proptest! {
    #[test]
    fn every_row_is_acknowledged_at_last_and_none_is_deleted_before_it_arrived(
        rows in 1_u64..120, window_messages in 1_usize..20, fates in fates(),
    ) {
        let mut now = start();
        let limits = Limits { messages: window_messages, payload_messages: 7, ..Limits::default() };
        let mut window = Window::new(OUTBOX, &oldest(1), limits, now);
        window.grown(&[(Lane::Events, rows)].into());
        window.connected(now);
        let mut arrived = BTreeSet::new();
        let mut late: Vec<Slice> = Vec::new();
        let mut deleted = 0;
        let mut fates = fates.into_iter();
        for _ in 0..10_000 {
            if deleted == rows {
                break;
            }
            let Some(want) = window.next(now) else {
                now += Duration::from_secs(1);
                continue;
            };
            prop_assert!(want.after >= deleted, "a deleted row was wanted again");
            let piece = slice(want.after + 1, rows.min(want.after + want.max_messages as u64));
            window.sent(Lane::Events, &piece, now);
            let (fate, ack_lost, breaks) = fates.next().unwrap_or((Fate::Arrives, false, false));
            let comes = match fate {
                Fate::Arrives => vec![piece],
                Fate::Lost => vec![],
                Fate::Twice => vec![piece.clone(), piece],
                Fate::Late => { late.push(piece); vec![] }
            };
            let delayed = if comes.is_empty() { vec![] } else { std::mem::take(&mut late) };
            for piece in comes.into_iter().chain(delayed) {
                for envelope in piece.envelopes {
                    arrived.insert(envelope.parse::<u64>().unwrap());
                }
                let unbroken = (1..).find(|n| !arrived.contains(n)).unwrap() - 1;
                if !ack_lost && let Acked::Upto(upto) = window.acknowledged(&ack(Lane::Events, unbroken), now) {
                    prop_assert!(upto <= unbroken);
                    deleted = upto;
                }
            }
            if breaks {
                window.connected(now);
            }
        }
        prop_assert_eq!(deleted, rows, "not everything was acknowledged");
    }
}
