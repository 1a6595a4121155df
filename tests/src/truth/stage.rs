//! The campus camera with actors: tracked people who walk other ways, at other times and speeds, stand, lie, and things
//! that they leave behind. Where everybody's foot point is at each moment is known exactly.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixel arithmetic inside small pictures, values clamped before they are narrowed"
)]

use crate::truth::campus::{Campus, HEIGHT, Sprite, WIDTH, height_at};
use crate::truth::canvas::{Canvas, Colour, PointPx, grain};
use crate::truth::play::Picture;

/// Pictures of a walk for each box height walked: the tracked people's own pace.
const PICTURES_PER_HEIGHT: f64 = 18.0;
/// The sensor's noise, of 255.
const NOISE: u8 = 2;
/// Where the hips are, share of the height.
const HIP: f64 = 0.5;
/// Who bends down turns the upper body by so many right angles.
const BENT: f64 = 0.9;
/// Who sits shows so much less of the legs, share of their length.
const SITTING: f64 = 0.65;
/// A path is looked at so often to find when it enters a zone, seconds.
const FINE_S: f64 = 0.01;

/// Somebody's way: where the foot point is when, pixels; straight in between, absent before and after.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Way(pub Vec<(f64, f64, f64)>);

impl Way {
    /// The foot point at a moment.
    #[must_use]
    pub fn at(&self, at_s: f64) -> Option<PointPx> {
        let leg = self.0.windows(2).find(|leg| leg[0].0 <= at_s && at_s < leg[1].0)?;
        let share = (at_s - leg[0].0) / (leg[1].0 - leg[0].0);
        Some((leg[0].1 + share * (leg[1].1 - leg[0].1), leg[0].2 + share * (leg[1].2 - leg[0].2)))
    }

    /// Goes on to a point at so many box heights a second.
    #[must_use]
    pub fn walk(mut self, x: f64, y: f64, heights_per_s: f64) -> Way {
        if let Some((at_s, from_x, from_y)) = self.0.last().copied() {
            let heights = (x - from_x).hypot(y - from_y) / height_at(f64::midpoint(y, from_y));
            self.0.push((at_s + (heights / heights_per_s).max(0.05), x, y));
        }
        self
    }

    /// Stays where it is.
    #[must_use]
    pub fn stay(mut self, seconds: f64) -> Way {
        if let Some((at_s, x, y)) = self.0.last().copied() {
            self.0.push((at_s + seconds, x, y));
        }
        self
    }

    /// The last moment.
    #[must_use]
    pub fn end_s(&self) -> f64 {
        self.0.last().map_or(0.0, |knot| knot.0)
    }

    /// Box heights walked until a moment, and the direction then: negative to the left, 0 when standing.
    fn walked(&self, at_s: f64) -> (f64, f64) {
        let (mut heights, mut towards) = (0.0, 0.0);
        for leg in self.0.windows(2).filter(|leg| leg[0].0 <= at_s) {
            let share = ((at_s - leg[0].0) / (leg[1].0 - leg[0].0)).min(1.0);
            let (dx, dy) = (leg[1].1 - leg[0].1, leg[1].2 - leg[0].2);
            heights += share * dx.hypot(dy) / height_at(f64::midpoint(leg[0].2, leg[1].2));
            if dx.abs() > 0.5 {
                towards = dx;
            }
        }
        (heights, towards)
    }

    /// When the foot point is inside, as spans of seconds.
    #[must_use]
    pub fn spans(&self, inside: impl Fn(PointPx) -> bool) -> Vec<(f64, f64)> {
        spans(self.end_s() + 2.0 * FINE_S, |at_s| self.at(at_s).is_some_and(&inside))
    }
}

/// The spans until `end_s` in which a condition holds, to a hundredth of a second.
#[must_use]
pub fn spans(end_s: f64, holds: impl Fn(f64) -> bool) -> Vec<(f64, f64)> {
    let mut found: Vec<(f64, f64)> = Vec::new();
    let mut since = None;
    for step in 0..=(end_s / FINE_S).ceil() as u32 {
        let at_s = f64::from(step) * FINE_S;
        match (holds(at_s), since) {
            (true, None) => since = Some(at_s),
            (false, Some(from_s)) => {
                found.push((from_s, at_s));
                since = None;
            }
            _ => {}
        }
    }
    found.extend(since.map(|from_s| (from_s, end_s)));
    found
}

/// A tracked person on another way.
#[derive(Debug, Clone, Default)]
pub struct Actor {
    /// Which of the tracked people.
    pub person: usize,
    /// Where it is when.
    pub way: Way,
    /// What it does besides walking and standing, if anything.
    pub low: Option<Low>,
    /// Whether the walk is played backwards.
    pub reversed: bool,
}

/// How somebody becomes low.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Manner {
    /// Falls to the side and lies: turned about the feet by so many right angles, to the left when negative.
    Lies(f64),
    /// Bends down: turned about the hips, the legs stay.
    Bends,
    /// Sits down on the ground: the upper body upright, the legs before it, seen from ahead.
    Sits,
}

/// When somebody is low, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Low {
    /// How.
    pub manner: Manner,
    /// The moments between which it is.
    pub span_s: (f64, f64),
    /// It takes so long to become low, and to come up again, seconds.
    pub within_s: f64,
}

impl Low {
    /// How far it is low: 0 upright, 1 fully.
    fn share(&self, at_s: f64) -> f64 {
        let (from_s, to_s) = self.span_s;
        let share = |seconds: f64| (seconds / self.within_s).clamp(0.0, 1.0);
        share(at_s - from_s).min(share(to_s - at_s))
    }
}

/// A thing on the ground, drawn: a bag.
#[derive(Debug, Clone)]
pub struct Thing {
    /// The middle of its lower edge, pixels.
    pub foot: PointPx,
    /// Width and height, pixels.
    pub size: (f64, f64),
    /// Its colour.
    pub colour: Colour,
    /// The moments between which it is there.
    pub there_s: (f64, f64),
}

/// The camera with everybody in front of it.
pub struct Stage {
    /// The camera.
    pub campus: &'static Campus,
    /// People.
    pub actors: Vec<Actor>,
    /// Things.
    pub things: Vec<Thing>,
}

impl Picture for Stage {
    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, HEIGHT as u32)
    }

    fn paint(&self, at_s: f64, number: u64) -> Canvas {
        let mut canvas = self.campus.background.clone();
        for thing in self.things.iter().filter(|thing| (thing.there_s.0..thing.there_s.1).contains(&at_s)) {
            thing.draw(&mut canvas);
        }
        let mut present: Vec<_> =
            self.actors.iter().filter_map(|actor| actor.way.at(at_s).map(|foot| (actor, foot))).collect();
        // Who is nearer stands before the others.
        present.sort_by(|a, b| a.1.1.total_cmp(&b.1.1));
        for (actor, foot) in present {
            actor.draw(self.campus, &mut canvas, foot, at_s);
        }
        canvas.add_noise(NOISE, number);
        canvas
    }
}

impl Thing {
    fn draw(&self, canvas: &mut Canvas) {
        let ((x, y), (width, height)) = (self.foot, self.size);
        let (left, top) = (x - width / 2.0, y - height);
        for row in 0..height as usize {
            for column in 0..width as usize {
                let (u, v) = ((column as f64 + 0.5) / width, (row as f64 + 0.5) / height);
                // Round corners, light from above, a handle's shade and the weave of the cloth.
                if (u - 0.5).abs().powi(4) + (v - 0.5).abs().powi(4) > 0.09 {
                    continue;
                }
                let shade = 1.25 - 0.5 * v - if (0.3..0.38).contains(&v) { 0.25 } else { 0.0 };
                let weave = f64::from(grain(column, row, 5)) / 255.0 * 10.0;
                let luma = (f64::from(self.colour[0]) * shade + weave).clamp(0.0, 255.0) as u8;
                let (px, py) = (left as i64 + column as i64, top as i64 + row as i64);
                if (0..WIDTH as i64).contains(&px) && (0..HEIGHT as i64).contains(&py) {
                    canvas.blend(px as usize, py as usize, [luma, self.colour[1], self.colour[2]], 1.0);
                }
            }
        }
    }
}

impl Actor {
    fn draw(&self, campus: &Campus, canvas: &mut Canvas, foot: PointPx, at_s: f64) {
        let walk = &campus.people[self.person % campus.people.len()];
        let (heights, towards) = self.way.walked(at_s);
        let step = (heights * PICTURES_PER_HEIGHT) as usize;
        // To and fro, since the last picture does not lead to the first.
        let turn = step % (2 * walk.len() - 2);
        let picture = if turn < walk.len() { turn } else { 2 * walk.len() - 2 - turn };
        let sprite = &walk[if self.reversed { walk.len() - 1 - picture } else { picture }];
        // All of them were tracked on their way to the left.
        let mirror = (towards > 0.0) != self.reversed;
        let low = self.low.map_or((Manner::Bends, 0.0), |low| (low.manner, low.share(at_s)));
        Pose { foot, scale: height_at(foot.1) / sprite.tall, mirror, low }.draw(sprite, canvas);
    }
}

/// How a cut-out person is put into the picture.
struct Pose {
    foot: PointPx,
    scale: f64,
    mirror: bool,
    /// How it is low and how far, 0..=1.
    low: (Manner, f64),
}

impl Pose {
    fn draw(&self, sprite: &Sprite, canvas: &mut Canvas) {
        let reach = sprite.tall.hypot(sprite.width as f64) * self.scale + 2.0;
        let range = |centre: f64, end: usize| {
            ((centre - reach).max(0.0) as usize, ((centre + reach).max(0.0) as usize).min(end))
        };
        let ((left, right), (top, bottom)) = (range(self.foot.0, WIDTH), range(self.foot.1, HEIGHT));
        for y in top..bottom {
            for x in left..right {
                let (dx, dy) = (x as f64 + 0.5 - self.foot.0, y as f64 + 0.5 - self.foot.1);
                let seen = match self.low {
                    (Manner::Lies(turn), share) => self.lying(sprite, (dx, dy), turn * share),
                    (Manner::Bends, share) => self.bent(sprite, (dx, dy), share),
                    (Manner::Sits, share) => self.sitting(sprite, (dx, dy), share),
                };
                if let Some((colour, opacity)) = seen {
                    canvas.blend(x, y, colour, opacity);
                }
            }
        }
    }

    /// What of the upright person is at `u` to the right of the feet and `v` below them, pixels of the picture.
    fn upright(&self, sprite: &Sprite, (u, v): PointPx) -> Option<(Colour, f64)> {
        let side = if self.mirror { -1.0 } else { 1.0 };
        sample(sprite, sprite.foot_x + side * u / self.scale, sprite.foot_y + v / self.scale)
    }

    fn lying(&self, sprite: &Sprite, (dx, dy): PointPx, turn: f64) -> Option<(Colour, f64)> {
        let (sin, cos) = (turn * std::f64::consts::FRAC_PI_2).sin_cos();
        // Turned about the foot point a lying body would reach half its breadth below it.
        let dy = dy + sin.abs() * sprite.width as f64 * 0.25 * self.scale;
        self.upright(sprite, (dx * cos + dy * sin, dy * cos - dx * sin))
    }

    fn bent(&self, sprite: &Sprite, (dx, dy): PointPx, share: f64) -> Option<(Colour, f64)> {
        let hip = -HIP * sprite.tall * self.scale;
        let (sin, cos) = (share * BENT * std::f64::consts::FRAC_PI_2).sin_cos();
        let (u, v) = (dx * cos + (dy - hip) * sin, (dy - hip) * cos - dx * sin);
        let body = (v <= 0.0).then(|| self.upright(sprite, (u, v + hip))).flatten();
        body.or_else(|| (dy >= hip).then(|| self.upright(sprite, (dx, dy))).flatten())
    }

    fn sitting(&self, sprite: &Sprite, (dx, dy): PointPx, share: f64) -> Option<(Colour, f64)> {
        let hip = -HIP * sprite.tall * self.scale;
        // The legs, which point to the camera, are seen at this share of their length.
        let legs = 1.0 - share * SITTING;
        if dy <= hip * legs {
            return self.upright(sprite, (dx, dy - hip * legs + hip));
        }
        self.upright(sprite, (dx / (1.0 + 0.3 * share), dy / legs))
    }
}

/// Colour and opacity at a point of a sprite, between its pixels.
fn sample(sprite: &Sprite, x: f64, y: f64) -> Option<(Colour, f64)> {
    let (x, y) = (x - 0.5, y - 0.5);
    if x < -0.5 || y < -0.5 || x > sprite.width as f64 - 0.5 || y > sprite.height as f64 - 0.5 {
        return None;
    }
    let (x, y) = (x.max(0.0), y.max(0.0));
    let (left, top) = ((x as usize).min(sprite.width - 2), (y as usize).min(sprite.height - 2));
    let (u, v) = ((x - left as f64).min(1.0), (y - top as f64).min(1.0));
    let (mut sum, mut opacity) = ([0.0; 3], 0.0);
    for (column, row, share) in
        [(0, 0, (1.0 - u) * (1.0 - v)), (1, 0, u * (1.0 - v)), (0, 1, (1.0 - u) * v), (1, 1, u * v)]
    {
        let (colour, own) = sprite.pixels[(top + row) * sprite.width + left + column];
        opacity += share * f64::from(own) / 255.0;
        for k in 0..3 {
            sum[k] += share * f64::from(colour[k]);
        }
    }
    (opacity > 0.02).then(|| (sum.map(|v| v.clamp(0.0, 255.0) as u8), opacity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moments_of_entering_and_leaving_follow_from_the_way() {
        let way = Way(vec![(1.0, 0.0, 300.0), (3.0, 200.0, 300.0), (5.0, 200.0, 300.0), (7.0, 0.0, 300.0)]);
        let spans = way.spans(|(x, _)| x > 100.0);
        assert_eq!(spans.len(), 1);
        assert!((spans[0].0 - 2.0).abs() < 0.02 && (spans[0].1 - 6.0).abs() < 0.02, "{spans:?}");
        assert_eq!(way.at(0.5), None);
    }
}
