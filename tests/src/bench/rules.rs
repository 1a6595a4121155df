//! Every kind of rule on scenes whose truth is known, at full length: what it finds, what it makes up, how late it is; and
//! ten minutes of footage in which nothing happens.

use crate::bench::{Bar, Figure, real, smoke};
use crate::truth::score::{FALSE_SHARE, LATEST_S, RECALL};
use crate::truth::{FAMILIES, Played, play, quiet, sizes, speed};
use anyhow::Context;
use ngatu_protocol::EventKind;

/// Length of the uneventful footage, seconds.
const QUIET_S: f64 = 600.0;

/// Scenes of six vehicles each whose size classes are compared.
const SIZE_SCENES: u64 = 8;
/// Scenes of six vehicles each whose speeds are measured.
const SPEED_SCENES: u64 = 12;

/// Plays all scenes and prints those that went wrong to the error stream.
///
/// # Errors
/// When the set-up is incomplete or an analysis fails.
pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let network = play::network(2)?.context("no network: run `make setup`")?;
    // Two scenes at a time: while one is painted, the network looks at the other.
    let halves = std::thread::scope(|scope| {
        let half = |first: u64| {
            let network = &network;
            move || -> anyhow::Result<Played> {
                let mut played = Played::default();
                for family in FAMILIES {
                    for seed in (first..family.full).step_by(2) {
                        played.join(family.play(seed..seed + 1, Some(network))?);
                    }
                }
                Ok(played)
            }
        };
        [0, 1].map(|first| scope.spawn(half(first))).map(std::thread::ScopedJoinHandle::join)
    });
    let mut played = Played::default();
    for half in halves {
        played.join(half.map_err(|_| anyhow::anyhow!("a scene panicked"))??);
    }
    for wrong in &played.wrong {
        eprintln!("{wrong}");
    }
    let mut figures = Vec::new();
    for (kind, tally) in &played.score.0 {
        eprintln!("{kind}: {tally}");
        // Smoke is experimental: its figures are printed and have no bar.
        let bar = |bar: Bar| if *kind == EventKind::SmokeOrFire { Bar::None } else { bar };
        let mut add = |what: &str, value: f64, unit: &'static str, wanted: Bar| {
            // A handful of names that live as long as the program, as the figures' names do.
            let name = Box::leak(format!("rule_{kind}_{what}").into_boxed_str());
            figures.push(Figure { name, value, unit, floor: 1.0, bar: bar(wanted) });
        };
        add("recall", tally.recall(), "of 1", Bar::AtLeast(RECALL));
        add("false", tally.false_share(), "of 1", Bar::AtMost(FALSE_SHARE));
        add("delay_s", tally.delay_s(), "s", Bar::AtMost(LATEST_S));
        add("instances", real(tally.truths), "events", Bar::None);
    }
    for kind in &played.not_built {
        eprintln!("bench rule_{kind} skipped: this version has no such rule");
    }
    figures.extend(speeds()?);
    let taken = sizes::play(0..SIZE_SCENES)?;
    figures.push(Figure {
        name: "rules_size_class_right",
        value: sizes::right(&taken),
        unit: "of 1",
        floor: 1.0,
        bar: Bar::AtLeast(sizes::RIGHT),
    });
    let (mut events, mut seconds) = (0, 0.0);
    for clip in smoke::clips() {
        let quiet = quiet::play_clip(&clip, None)?;
        for statement in &quiet.statements {
            eprintln!("ordinary footage {}: {statement:?}", clip.display());
        }
        (events, seconds) = (events + quiet.statements.len(), seconds + quiet.length_s);
    }
    let figure = |name, value, unit, bar| Figure { name, value, unit, floor: 1.0, bar };
    figures.push(figure("rules_ordinary_footage", seconds, "s", Bar::None));
    figures.push(figure("rules_ordinary_footage_events", real(events), "events", Bar::AtMost(0.0)));
    let quiet = quiet::play(&network, QUIET_S)?;
    for statement in &quiet.statements {
        eprintln!("uneventful footage: {statement:?}");
    }
    let events = real(quiet.statements.len());
    figures.push(Figure {
        name: "rules_uneventful_10min_events",
        value: events,
        unit: "events",
        floor: 1.0,
        bar: Bar::AtMost(0.0),
    });
    figures.push(Figure {
        name: "rules_uneventful_10min_crossings",
        value: quiet.crossings,
        unit: "counts",
        floor: 1.0,
        bar: Bar::AtLeast(1.0),
    });
    Ok(figures)
}

/// Speeds on the calibrated road.
fn speeds() -> anyhow::Result<Vec<Figure>> {
    let measured = speed::play(0..SPEED_SCENES)?;
    let figure =
        |name: &'static str, value: f64, bar: Bar| Figure { name, value, unit: "of 1", floor: 1.0, bar };
    let mut figures: Vec<_> =
        [("speed_error_30kmh", 30.0), ("speed_error_50kmh", 50.0), ("speed_error_80kmh", 80.0)]
            .map(|(name, level)| figure(name, speed::error_at(level, &measured), Bar::AtMost(speed::WITHIN)))
            .to_vec();
    let holds = speed::share(&measured, speed::Measured::holds);
    figures.push(figure("speed_interval_holds", holds, Bar::AtLeast(speed::HOLDS)));
    for one in measured.iter().filter(|one| one.error() > speed::WITHIN || !one.holds()) {
        eprintln!("speed: {one:?}");
    }
    Ok(figures)
}
