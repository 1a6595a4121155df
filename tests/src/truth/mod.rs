//! Ground truth scenes: moving pictures of which it is known exactly what happens when, for every kind of rule.
//!
//! People are real: [`campus`] cuts tracked people out of footage and [`stage`] replays them before the same camera's empty
//! background, elsewhere, at other times, faster, standing, reversed, lying. On such pictures the network fires as on the
//! footage itself; on drawn people it does not. Vehicles are drawn on a calibrated [`road`], for the motion detector.
//! [`people`], [`traffic`] and [`lens`] make the scenes, [`play`] runs them through the edge's own analysis, [`score`]
//! compares, [`speed`] does so for vehicles' speeds and [`sizes`] for their classes, [`quiet`] is the other half of the truth: footage in which nothing
//! happens.

pub mod campus;
pub mod canvas;
pub mod dice;
pub mod lens;
pub mod people;
pub mod play;
pub mod quiet;
pub mod road;
pub mod score;
pub mod sizes;
pub mod speed;
pub mod stage;
pub mod traffic;

use edge_agent::detect::Onnx;
use lens::Deed;
use ngatu_protocol::EventKind;
use ngatu_protocol::camera::Detector;
use play::Scene;
use score::Score;
use std::collections::BTreeSet;

/// Scenes of one sort, one for each seed.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// What people call it.
    pub name: &'static str,
    /// How many scenes are enough to say something in a hurry.
    pub quick: u64,
    /// How many scenes make 95 % mean something: at least twenty true events of each kind.
    pub full: u64,
    /// Makes the scene of a seed.
    pub make: fn(u64) -> anyhow::Result<Scene>,
}

/// All sorts.
pub const FAMILIES: [Family; 17] = [
    Family {
        name: "visitors",
        quick: 2,
        full: 16,
        make: |seed| Ok(people::visitors(campus::campus()?, seed)),
    },
    Family {
        name: "gathering",
        quick: 2,
        full: 20,
        make: |seed| Ok(people::gathering(campus::campus()?, seed)),
    },
    Family { name: "falls", quick: 1, full: 20, make: |seed| Ok(people::falls(campus::campus()?, seed)) },
    Family { name: "stoops", quick: 1, full: 20, make: |seed| Ok(people::stoops(campus::campus()?, seed)) },
    Family {
        name: "bags",
        quick: 2,
        full: 18,
        make: |seed| Ok(people::bags(campus::campus()?, Detector::Motion, seed)),
    },
    Family {
        name: "things",
        quick: 2,
        full: 18,
        make: |seed| Ok(people::bags(campus::campus()?, Detector::Onnx, seed)),
    },
    Family {
        name: "bystanders",
        quick: 1,
        full: 10,
        make: |seed| Ok(people::bystanders(campus::campus()?, seed)),
    },
    Family { name: "parking", quick: 1, full: 20, make: |seed| Ok(traffic::parking(seed)) },
    Family { name: "wrong-ways", quick: 2, full: 12, make: |seed| Ok(traffic::wrong_ways(seed)) },
    Family { name: "stops", quick: 2, full: 20, make: |seed| Ok(traffic::stops(seed)) },
    Family { name: "queues", quick: 2, full: 20, make: |seed| Ok(traffic::queues(seed)) },
    Family { name: "jams", quick: 2, full: 20, make: |seed| Ok(traffic::jams(seed)) },
    Family { name: "collisions", quick: 3, full: 30, make: |seed| Ok(traffic::collisions(seed)) },
    Family { name: "close-calls", quick: 1, full: 20, make: |seed| Ok(traffic::close_calls(seed)) },
    Family { name: "speeds", quick: 2, full: 12, make: |seed| Ok(traffic::speeds(seed).0) },
    Family { name: "lens", quick: 7, full: 70, make: lens_scene },
    Family {
        name: "smoke",
        quick: 1,
        full: 20,
        make: |seed| Ok(lens::deed(campus::campus()?, Deed::Smoke, seed)),
    },
];

/// Covers, blurs, torches, turns to both sides, the wind, and a picture that freezes, in turn.
fn lens_scene(seed: u64) -> anyhow::Result<Scene> {
    let more = usize::try_from(seed / 7).unwrap_or(0) % 5;
    let turn = i64::try_from(more).unwrap_or(0) * 16;
    let deed = match seed % 7 {
        0 => Deed::Covered,
        1 => Deed::Turned(64 + turn),
        2 => Deed::Blurred(6 + more),
        3 => Deed::Shaken,
        4 => Deed::Turned(-64 - turn),
        5 => Deed::Blinded,
        _ => Deed::Frozen,
    };
    Ok(lens::deed(campus::campus()?, deed, seed))
}

/// What came of some scenes.
#[derive(Debug, Default)]
pub struct Played {
    /// The accounts by kind.
    pub score: Score,
    /// What happened in the scenes that did not go as they should.
    pub wrong: Vec<String>,
    /// Kinds that this version cannot state.
    pub not_built: BTreeSet<EventKind>,
    /// Scenes that were not played: nothing of them is built, or they want the network and it was not fetched.
    pub skipped: usize,
}

impl Played {
    /// Adds what came of others.
    pub fn join(&mut self, other: Played) {
        self.score.join(other.score);
        self.wrong.extend(other.wrong);
        self.not_built.extend(other.not_built);
        self.skipped += other.skipped;
    }
}

impl Family {
    /// The sort of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Family> {
        FAMILIES.into_iter().find(|family| family.name == name)
    }

    /// Plays the scenes of some seeds and scores them.
    ///
    /// # Errors
    /// When the footage is missing or an analysis fails.
    pub fn play(&self, seeds: std::ops::Range<u64>, network: Option<&Onnx>) -> anyhow::Result<Played> {
        let mut played = Played::default();
        for seed in seeds {
            let (scene, missing) = (self.make)(seed)?.built();
            played.not_built.extend(missing);
            let sees = scene.camera.detector == Detector::Motion || network.is_some();
            if scene.camera.rules.is_empty() || !sees {
                played.skipped += 1;
                continue;
            }
            let statements = scene.play(network)?;
            if !played.score.add(&scene, &statements) {
                played.wrong.push(scene.account(&statements));
            }
        }
        Ok(played)
    }
}
