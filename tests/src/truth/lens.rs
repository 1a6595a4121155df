//! Scenes about the camera itself: somebody covers, blurs, blinds or turns it, its picture freezes, or smoke rises.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixel arithmetic inside small pictures, values clamped before they are narrowed"
)]

use crate::truth::campus::Campus;
use crate::truth::canvas::{Canvas, grain};
use crate::truth::dice::Dice;
use crate::truth::play::{Picture, Scene, camera};
use crate::truth::stage::{Actor, Stage, Way};
use ngatu_protocol::EventKind;
use ngatu_protocol::camera::{Detector, RuleConfig};

/// Analysed frames per second.
const FPS: f64 = 5.0;
/// The camera shows what it usually shows before, seconds.
const USUAL_S: f64 = 25.0;
/// The same before it freezes: only a picture that was seen to change for half a minute can.
const LIVELY_S: f64 = 36.0;
/// How long it is disturbed, seconds.
const WRONG_S: f64 = 8.0;
/// A picture is frozen from so long without a change on, seconds.
const STANDS_S: f64 = 10.0;

/// What is done to a camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Deed {
    /// A hand or a cloth over most of it.
    Covered,
    /// Paint or breath on the glass: blurred by so many pixels.
    Blurred(usize),
    /// A torch into the lens: nearly all white.
    Blinded,
    /// Turned aside by so many pixels.
    Turned(i64),
    /// The wind: to and fro by three pixels, which is nothing.
    Shaken,
    /// The encoder hangs and sends the last picture again and again.
    Frozen,
    /// Smoke rises.
    Smoke,
}

struct Done {
    stage: Stage,
    deed: Deed,
}

impl Picture for Done {
    fn size(&self) -> (u32, u32) {
        self.stage.size()
    }

    fn paint(&self, at_s: f64, number: u64) -> Canvas {
        let (from_s, to_s) = self.deed.span_s();
        if !(from_s..to_s).contains(&at_s) {
            return self.stage.paint(at_s, number);
        }
        if self.deed == Deed::Frozen {
            return self.stage.paint(from_s, (from_s * FPS).round() as u64);
        }
        self.deed.done(self.stage.paint(at_s, number), at_s - from_s, number)
    }
}

impl Deed {
    /// When it is done, seconds.
    fn span_s(self) -> (f64, f64) {
        match self {
            Deed::Frozen => (LIVELY_S, LIVELY_S + STANDS_S + WRONG_S),
            _ => (USUAL_S, USUAL_S + WRONG_S),
        }
    }

    fn done(self, mut canvas: Canvas, since_s: f64, number: u64) -> Canvas {
        let (width, height) = (canvas.width, canvas.height);
        match self {
            Deed::Covered => {
                // Cloth: dark, folded, and not quite to the picture's corner.
                for y in 0..height {
                    for x in 0..width * 19 / 20 {
                        let fold = ((x as f64 / 60.0 + y as f64 / 140.0).sin() * 6.0) as i16;
                        canvas.blend(x, y, [(38 + fold) as u8, 126, 130], 1.0);
                    }
                }
                canvas.add_noise(2, number);
            }
            Deed::Blurred(radius) => {
                canvas.blur(radius);
                canvas.add_noise(1, number);
            }
            Deed::Blinded => {
                for y in 0..height {
                    for x in 0..width {
                        let away = (x as f64 - width as f64 / 2.0).hypot(y as f64 - height as f64 / 2.0);
                        canvas.blend(x, y, [235, 128, 128], (1.25 - away / 900.0).clamp(0.0, 1.0));
                    }
                }
            }
            Deed::Turned(by) => return canvas.shifted(by, by / 8 * 2),
            Deed::Shaken => {
                let shake = [(0, 0), (3, 0), (0, 2), (-3, 0), (2, -2), (0, -3)][number as usize % 6];
                return canvas.shifted(shake.0, shake.1);
            }
            Deed::Smoke => smoke(&mut canvas, since_s, number),
            // The picture of before is shown.
            Deed::Frozen => {}
        }
        canvas
    }
}

/// A plume that grows and drifts: puffs of grey, each of its own density.
fn smoke(canvas: &mut Canvas, since_s: f64, number: u64) {
    for puff in 0..26_usize {
        let age = since_s - puff as f64 * 0.28;
        if age <= 0.0 {
            continue;
        }
        let sway = f64::from(grain(puff, 0, 9)) / 255.0 - 0.5;
        let (x, y) = (520.0 + 40.0 * sway * age + 10.0 * age, 330.0 - 32.0 * age);
        let radius = 16.0 + 9.0 * age;
        let (left, right) =
            ((x - radius).max(0.0) as usize, ((x + radius).max(0.0) as usize).min(canvas.width));
        let (top, bottom) =
            ((y - radius).max(0.0) as usize, ((y + radius).max(0.0) as usize).min(canvas.height));
        for row in top..bottom {
            for column in left..right {
                let away = (column as f64 - x).hypot(row as f64 - y) / radius;
                let swirl = f64::from(grain(column / 9 + puff, row / 9 + number as usize / 2, 4)) / 255.0;
                let share = (1.0 - away).max(0.0) * 0.5 * (0.6 + 0.8 * swirl) * (1.2 - age / 10.0).max(0.2);
                canvas.blend(column, row, [178, 128, 128], share.clamp(0.0, 0.9));
            }
        }
    }
}

/// The campus with people, and something done to the camera. What must be stated: tampering for a cover, a blur, a torch or a
/// frozen picture;
/// moving for a turn; nothing for the wind.
#[must_use]
pub fn deed(campus: &'static Campus, deed: Deed, seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0xDEED);
    let mut stage = Stage { campus, actors: Vec::new(), things: Vec::new() };
    for k in 0..2_u32 {
        let way = Way(vec![(f64::from(k) * 9.0, 40.0, dice.between(230.0, 420.0))]);
        let way = way.walk(720.0, dice.between(230.0, 420.0), dice.between(0.5, 0.8));
        stage.actors.push(Actor { person: dice.below(6), way, ..Actor::default() });
    }
    let mut scene = Scene {
        name: format!("{deed:?}-{seed}"),
        // Nothing here is about people, so the network need not look.
        camera: camera("campus", Detector::Motion, FPS),
        picture: Box::new(Done { stage, deed }),
        length_s: deed.span_s().1 + 3.0,
        truths: Vec::new(),
    };
    for kind in [EventKind::CameraTampered, EventKind::CameraMoved, EventKind::SmokeOrFire] {
        let rule = RuleConfig { after_s: Some(3.0), ..RuleConfig::new(kind, None) };
        let truly = match deed {
            Deed::Covered | Deed::Blurred(_) | Deed::Blinded | Deed::Frozen => {
                kind == EventKind::CameraTampered
            }
            Deed::Turned(_) => kind == EventKind::CameraMoved,
            Deed::Shaken => false,
            Deed::Smoke => kind == EventKind::SmokeOrFire,
        };
        if truly {
            let (from_s, to_s) = deed.span_s();
            let stands_s = if deed == Deed::Frozen { STANDS_S } else { 0.0 };
            scene.expect(&rule, (from_s + stands_s, to_s));
        }
        scene.camera.rules.push(rule);
    }
    scene
}
