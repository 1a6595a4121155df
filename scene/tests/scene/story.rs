//! Helpers: a camera's configuration in few words, and people who walk along given paths.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{Phase, Quantity, RoadUserClass};
use ngatu_scene::{BoxPx, Detection, FrameSize, Scene, SceneEvent, SceneObservation, Time};

pub(crate) const FRAME: FrameSize = FrameSize { width_px: 1000, height_px: 1000 };
pub(crate) const FPS: f64 = 5.0;

/// A camera with a zone over the right half whose legal way is to the right, a tripwire down the middle that is looked along from above to below, and
/// these rules.
pub(crate) fn camera(rules: &str) -> CameraConfig {
    let text = format!(
        r#"
        id = "north"
        name = "north"
        url = "file:///nothing"
        analysis_fps = 5
        window_s = 10
        [[zone]]
        id = "yard"
        points = [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]
        direction = [1.0, 0.0]
        [[tripwire]]
        id = "wire"
        points = [[0.5, 0.2], [0.5, 0.8]]
        {rules}
        "#
    );
    toml::from_str(&text).unwrap()
}

pub(crate) const INTRUSION: &str = "[[rule]]\nkind = \"intrusion\"\nzone = \"yard\"\n";
pub(crate) const LOITERING: &str = "[[rule]]\nkind = \"loitering\"\nzone = \"yard\"\nafter_s = 10.0\n";

/// A person whose foot point is at this normalised place.
pub(crate) fn person(x: f64, y: f64) -> Detection {
    road_user(RoadUserClass::Person, x, y)
}

pub(crate) fn road_user(class: RoadUserClass, x: f64, y: f64) -> Detection {
    #[allow(clippy::cast_possible_truncation, reason = "a test's coordinates")]
    let (x, y) = ((x * 1000.0) as f32, (y * 1000.0) as f32);
    let bbox = BoxPx { left: x - 20.0, top: y - 100.0, width: 40.0, height: 100.0 };
    Detection { bbox, class, score: 0.9 }
}

/// A road user with a box of this width and height, pixels, whose foot point is at this normalised place.
pub(crate) fn sized(class: RoadUserClass, (x, y): (f64, f64), (width, height): (f32, f32)) -> Detection {
    #[allow(clippy::cast_possible_truncation, reason = "a test's coordinates")]
    let (x, y) = ((x * 1000.0) as f32, (y * 1000.0) as f32);
    let bbox = BoxPx { left: x - width / 2.0, top: y - height, width, height };
    Detection { bbox, class, score: 0.9 }
}

/// A car seen from its side, 160 by 100 px.
pub(crate) fn car(x: f64, y: f64) -> Detection {
    sized(RoadUserClass::Car, (x, y), (160.0, 100.0))
}

/// All that a scene stated.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) events: Vec<SceneEvent>,
    pub(crate) observations: Vec<SceneObservation>,
}

impl Told {
    pub(crate) fn take(&mut self, output: &ngatu_scene::Output) {
        self.events.extend(output.events.iter().cloned());
        self.observations.extend(output.observations.iter().cloned());
    }

    /// The events as `start@1.2` and `end@3.4`.
    pub(crate) fn phases(&self) -> Vec<String> {
        let word = |event: &SceneEvent| match event.phase {
            Phase::Start => "start",
            Phase::End => "end",
        };
        self.events.iter().map(|event| format!("{}@{:.1}", word(event), event.time.as_seconds())).collect()
    }

    /// Sum of the counts of all classes together: a to b, b to a.
    pub(crate) fn counts(&self) -> (f64, f64) {
        let sum = |wanted: &str| -> f64 {
            let of_direction = |o: &&SceneObservation| {
                o.quantity == Quantity::Count
                    && o.direction.is_some_and(|d| d.as_str() == wanted)
                    && o.class.is_none()
            };
            self.observations.iter().filter(of_direction).map(|o| o.value).sum()
        };
        (sum("a_to_b"), sum("b_to_a"))
    }
}

/// Plays a story: `at` gives the detections at each second, 5 times a second until `until_s`.
pub(crate) fn play(camera: &CameraConfig, until_s: f64, at: impl Fn(f64) -> Vec<Detection>) -> Told {
    let mut scene = Scene::new(camera).unwrap();
    let mut told = Told::default();
    let mut now = Time::default();
    while now < Time::from_seconds(until_s) {
        told.take(scene.step(now, FRAME, &at(now.as_seconds())));
        now = now.plus_s(1.0 / FPS);
    }
    told.take(scene.finish(now));
    told
}
