//! Random histories: what arrived and what was declared lost is everything.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    PushEvents(usize),
    PushHealth(usize),
    Read(usize),
    Ack,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1_usize..30).prop_map(Step::PushEvents),
        4 => (1_usize..30).prop_map(Step::PushHealth),
        3 => (1_usize..40).prop_map(Step::Read),
        2 => Just(Step::Ack),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn every_number_arrives_or_is_declared_lost_and_the_counts_are_exact(steps in steps()) {
        let dir = tempfile::tempdir().unwrap();
        let lanes = [Lane::Events, Lane::Health];
        let mut outbox = open(dir.path(), 24 * 1024);
        let mut centers = [Center::default(), Center::default()];
        for step in steps {
            match step {
                Step::PushEvents(n) => outbox.push((0..n).map(|_| event("x")).collect()).unwrap(),
                Step::PushHealth(n) => outbox.push((0..n).map(|_| health()).collect()).unwrap(),
                Step::Read(n) => for (lane, center) in lanes.into_iter().zip(&mut centers) {
                    center.read(&outbox, lane, n);
                },
                Step::Ack => for (lane, center) in lanes.into_iter().zip(&mut centers) {
                    outbox.acknowledged(lane, center.unbroken().min(center.after));
                },
                Step::Reopen => {
                    drop(outbox);
                    outbox = open(dir.path(), 24 * 1024);
                    // A connection begins anew at the oldest.
                    for (lane, center) in lanes.into_iter().zip(&mut centers) {
                        center.after = outbox.oldest()[&lane] - 1;
                    }
                }
            }
        }
        for (lane, center) in lanes.into_iter().zip(&mut centers) {
            center.after = outbox.oldest()[&lane] - 1;
            while center.read(&outbox, lane, 500) {}
            prop_assert_eq!(center.unbroken(), outbox.last()[&lane], "{} has a silent hole", lane);
            // What was dropped after it had been sent arrived all the same: then fewer are really missing.
            let missing = center.lost.iter().filter(|n| !center.received.contains(n)).count() as u64;
            prop_assert!(missing <= center.counts.values().sum::<u64>());
            prop_assert_eq!(center.counts.values().sum::<u64>(), outbox.dropped()[&lane]);
        }
    }

    #[test]
    fn an_unread_outbox_declares_exactly_what_is_missing(pushes in proptest::collection::vec((0_usize..30, 0_usize..30), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let outbox = open(dir.path(), 24 * 1024);
        for (events, healths) in pushes {
            outbox.push((0..events).map(|_| event("x")).chain((0..healths).map(|_| health())).collect()).unwrap();
        }
        for lane in [Lane::Events, Lane::Health] {
            Center::read_all(&outbox, lane).check_adds_up(&outbox, lane);
        }
    }
}
