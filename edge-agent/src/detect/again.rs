//! Looking again for who lies: when to look, where, and what to make of it. Pure; the pictures are in `turned.rs`.
//!
//! A network that learnt from people who stand hardly finds one who lies. So where somebody upright was lost inside the
//! picture, or became low and wide, it looks once more at that place in a picture that is turned. What it finds there
//! standing, lies. Somebody found like that does not run away: between two such looks the box stays, and the place is
//! looked at until somebody stands there again or nobody is found any more.

use super::turned::Square;
use ngatu_protocol::RoadUserClass;
use ngatu_scene::geometry::iou;
use ngatu_scene::{BoxPx, Detection, FrameSize, Track};

/// Up to this width over height somebody is upright.
const UPRIGHT: f32 = 0.65;
/// From this width over height on, a person's box became wide, …
const WIDE: f32 = 0.85;
/// … and below this share of the upright height it became low.
const LOW: f32 = 0.8;
/// Whoever was followed for so long is somebody, seconds.
const FOLLOWED_S: f64 = 0.4;
/// Whoever was last seen upright longer ago is forgotten, seconds.
const KNOWN_S: f64 = 3.0;
/// So near to the picture's side, in heights, people leave it.
const SIDE_HEIGHTS: f32 = 0.45;
/// Somebody who is covered by another to this share is behind that one.
const COVERED: f32 = 0.35;

/// Shortest time between two looks of one camera, seconds …
const APART_S: f64 = 0.3;
/// … and at a place where somebody is still falling, which it is for so long, seconds.
const FALLING_APART_S: f64 = 0.15;
const FALLING_S: f64 = 1.2;
/// A place at which nobody was found is looked at for so long, seconds …
const SEARCH_S: f64 = 2.2;
/// … and one at which somebody lies again after so long, seconds.
const FOUND_EVERY_S: f64 = 0.8;
/// A box stays for so long after the last look that found it, seconds.
const STAYS_S: f64 = 2.0;
/// Whoever was found is looked for until nobody was for so long, seconds.
const GIVE_UP_S: f64 = 6.0;
/// Places at most.
const MOST_PLACES: usize = 8;

/// Sides of the piece to look at, upright heights: after a look that found nobody comes the next one, since a network that
/// is unsure at one scale is often sure at another.
const SIDES: [f32; 3] = [2.5, 2.2, 3.0];
/// Scores in the turned picture from here on count …
const FOUND_SCORE: f32 = 0.42;
/// … and from here on for who was found before and lies where it lay, by this overlap.
const FOUND_AGAIN_SCORE: f32 = 0.3;
const FOUND_AGAIN_IOU: f32 = 0.5;
/// What two witnesses tell, the lost track and the turned picture, is believed at least so much.
const BELIEVED: f32 = 0.6;
/// Who lies is at least so much longer than high, …
const LYING: f32 = 1.2;
/// … at most so high and between so long, upright heights, …
const FLAT: f32 = 0.75;
const LONG: [f32; 2] = [0.6, 1.5];
/// … has the middle so near to where the feet were, upright heights, …
const REACH: f32 = 1.0;
/// … and lies on the ground: the lower edge is at most so far above and below the feet. Who bends down has the upper
/// body level, at the height of the hips.
const ON_GROUND: [f32; 2] = [0.2, 0.35];
/// Boxes that overlap so much are of one road user.
const SAME: f32 = 0.3;

/// Somebody who was upright lately.
#[derive(Debug, Clone, Copy)]
struct Known {
    track: u64,
    bbox: BoxPx,
    /// Mean height, pixels.
    height: f32,
    seen_s: f64,
}

/// Where somebody may lie.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The track that was lost there.
    track: u64,
    foot: [f32; 2],
    /// Upright height, pixels.
    height: f32,
    since_s: f64,
    looked_s: Option<f64>,
    found: Option<(Detection, f64)>,
    /// Looks that found nobody; since the last that did.
    misses: usize,
    /// Which of [`SIDES`] is next.
    side: usize,
}

/// Who may lie in front of one camera.
#[derive(Debug, Clone, Default)]
pub struct Again {
    known: Vec<Known>,
    places: Vec<Place>,
    looked_s: Option<f64>,
}

impl Again {
    /// Forgets all.
    pub fn forget(&mut self) {
        *self = Again::default();
    }

    /// Takes the tracks after a frame of `now_s` that the network looked at.
    pub fn note(&mut self, now_s: f64, frame: FrameSize, tracks: &[Track]) {
        let people = || tracks.iter().filter(|track| track.seen && track.class == RoadUserClass::Person);
        for track in people() {
            let upright = track.detected.width <= UPRIGHT * track.detected.height;
            let known = self.known.iter_mut().find(|known| known.track == track.id);
            match known {
                Some(known) if upright => {
                    known.height += 0.2 * (track.detected.height - known.height);
                    (known.bbox, known.seen_s) = (track.detected, now_s);
                }
                // What a look found is no news of somebody upright.
                Some(known)
                    if track.detected.width >= WIDE * track.detected.height
                        && track.detected.height <= LOW * known.height =>
                {
                    let known = *known;
                    self.suspect(&known, now_s);
                }
                None if upright && now_s - track.first_seen.as_seconds() >= FOLLOWED_S => {
                    let (bbox, height) = (track.detected, track.detected.height);
                    self.known.push(Known { track: track.id, bbox, height, seen_s: now_s });
                }
                _ => {}
            }
        }
        for known in self.known.clone() {
            let is_seen = people().any(|track| track.id == known.track);
            let hides = |track: &Track| {
                track.id != known.track && shared(track.bbox, known.bbox) >= COVERED * known.bbox.area()
            };
            if !is_seen && known.seen_s < now_s && !leaves(&known, frame) && !people().any(hides) {
                self.suspect(&known, now_s);
            }
        }
        self.known.retain(|known| (0.0..=KNOWN_S).contains(&(now_s - known.seen_s)));
        self.places.retain(|place| {
            let stands = |track: &Track| {
                let upright = track.detected.width <= UPRIGHT * track.detected.height;
                let near = apart(track.detected.foot(), place.foot) <= place.height;
                let as_tall = track.detected.height >= LOW * place.height;
                upright
                    && as_tall
                    && (track.id == place.track
                        || near && place.found.is_none_or(|(_, at_s)| at_s < now_s - STAYS_S))
            };
            let last_s = place.found.map_or(place.since_s, |(_, at_s)| at_s);
            let patience_s = if place.found.is_some() { GIVE_UP_S } else { SEARCH_S };
            (0.0..=patience_s).contains(&(now_s - last_s)) && !people().any(stands)
        });
    }

    /// Somebody may lie here from now on.
    fn suspect(&mut self, known: &Known, now_s: f64) {
        let foot = known.bbox.foot();
        let is_known = |place: &Place| {
            place.track == known.track || apart(place.foot, foot) <= 0.7 * place.height.max(known.height)
        };
        if self.places.len() < MOST_PLACES && !self.places.iter().any(is_known) {
            let Known { track, height, .. } = *known;
            self.places.push(Place {
                track,
                foot,
                height,
                since_s: now_s,
                looked_s: None,
                found: None,
                misses: 0,
                side: 0,
            });
        }
        // A place is suspected once; who stands up again is known anew.
        self.known.retain(|other| other.track != known.track);
    }

    /// Where to look in the frame of `now_s`, if anywhere. `detections` are the upright look's.
    pub fn due(&mut self, now_s: f64) -> Option<Square> {
        let since_s = self.looked_s.map_or(f64::INFINITY, |last_s| now_s - last_s);
        let is_falling = |place: &Place| place.found.is_none() && now_s - place.since_s < FALLING_S;
        let waits = |place: &&mut Place| {
            let apart_s = if is_falling(place) { FALLING_APART_S } else { APART_S };
            let every_s = if place.found.is_some() && place.misses == 0 { FOUND_EVERY_S } else { 0.0 };
            // A time that went back waits for nothing.
            !(0.0..apart_s).contains(&since_s)
                && place.looked_s.is_none_or(|last_s| now_s - last_s >= every_s - 0.0005)
        };
        let places = self.places.iter_mut().filter(waits);
        // Who falls comes first, since whoever was found stays for a while; then who waits longest.
        let turn = |place: &Place| (is_falling(place), -place.looked_s.unwrap_or(f64::NEG_INFINITY));
        let place = places.max_by(|a, b| {
            let ((falls, waits), (other_falls, other_waits)) = (turn(a), turn(b));
            falls.cmp(&other_falls).then(waits.total_cmp(&other_waits))
        })?;
        place.looked_s = Some(now_s);
        self.looked_s = Some(now_s);
        Some(place.square())
    }

    /// Takes what the network found in the turned piece of the frame of `now_s`, in pixels of the frame.
    pub fn take(&mut self, now_s: f64, found: &[Detection]) {
        let looked = self.places.iter_mut().find(|place| place.looked_s == Some(now_s));
        let Some(place) = looked else { return };
        let lies = found.iter().filter(|detection| place.is_lying(detection));
        if let Some(best) = lies.max_by(|a, b| a.score.total_cmp(&b.score)) {
            (place.found, place.misses) = (Some((*best, now_s)), 0);
        } else {
            place.misses += 1;
            place.side += 1;
        }
    }

    /// Adds who lies to the detections of the frame of `now_s`. Of two that are one road user the better stays, and the
    /// network's word for a lying person is not always person.
    pub fn add(&self, now_s: f64, detections: &mut Vec<Detection>) {
        for place in &self.places {
            let Some((lying, _)) = place.found.filter(|(_, at_s)| now_s - at_s <= STAYS_S) else { continue };
            // Somebody stands there: who helps, or who got up. The last look tells.
            let stands = |other: &Detection| {
                other.class == RoadUserClass::Person
                    && other.bbox.width <= UPRIGHT * other.bbox.height
                    && other.bbox.height >= LOW * place.height
                    && apart(other.bbox.foot(), place.foot) <= 0.7 * place.height
            };
            if place.misses > 0 && detections.iter().any(stands) {
                continue;
            }
            let same = |other: &Detection| iou(other.bbox, lying.bbox) >= SAME;
            let is_person = |other: &Detection| other.class == RoadUserClass::Person;
            if detections.iter().any(|other| same(other) && is_person(other) && other.score >= lying.score) {
                continue;
            }
            detections.retain(|other| !same(other));
            detections.push(Detection { score: lying.score.max(BELIEVED), ..lying });
        }
    }
}

impl Place {
    fn square(&self) -> Square {
        let upright = [self.foot[0], self.foot[1] - 0.25 * self.height];
        // In turn about where the feet were, and about who was found.
        let found = self.found.filter(|_| self.side % 2 == 1).map(|(lying, _)| lying.bbox.center());
        Square { middle: found.unwrap_or(upright), side: SIDES[self.side % SIDES.len()] * self.height }
    }

    /// Whether a detection in the turned picture is the person lost here.
    fn is_lying(&self, detection: &Detection) -> bool {
        let BoxPx { width, height, .. } = detection.bbox;
        let below = (detection.bbox.foot()[1] - self.foot[1]) / self.height;
        let lay_here =
            self.found.is_some_and(|(lying, _)| iou(lying.bbox, detection.bbox) >= FOUND_AGAIN_IOU);
        let from = if lay_here { FOUND_AGAIN_SCORE } else { FOUND_SCORE };
        detection.class == RoadUserClass::Person
            && detection.is_usable()
            && detection.score >= from
            && width >= LYING * height
            && height <= FLAT * self.height
            && (LONG[0] * self.height..=LONG[1] * self.height).contains(&width)
            && apart(detection.bbox.center(), self.foot) <= REACH * self.height
            && (-ON_GROUND[0]..=ON_GROUND[1]).contains(&below)
    }
}

/// Whether somebody was so near to the picture's side that leaving it explains the loss.
fn leaves(known: &Known, frame: FrameSize) -> bool {
    #[allow(clippy::cast_precision_loss, reason = "pixels of a frame")]
    let (width, height) = (frame.width_px as f32, frame.height_px as f32);
    let near = SIDE_HEIGHTS * known.height;
    let [x, y] = known.bbox.foot();
    x < near || x > width - near || y > height - 0.03 * height || known.bbox.top < 0.01 * height
}

fn apart(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Area that two boxes share, square pixels.
fn shared(a: BoxPx, b: BoxPx) -> f32 {
    let x = (a.left + a.width).min(b.left + b.width) - a.left.max(b.left);
    let y = (a.top + a.height).min(b.top + b.height) - a.top.max(b.top);
    x.max(0.0) * y.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ngatu_scene::Time;

    const FRAME: FrameSize = FrameSize { width_px: 768, height_px: 576 };
    const STANDS: BoxPx = BoxPx { left: 300.0, top: 200.0, width: 40.0, height: 100.0 };
    const LIES: BoxPx = BoxPx { left: 310.0, top: 265.0, width: 100.0, height: 40.0 };

    fn track(id: u64, bbox: BoxPx) -> Track {
        Track {
            id,
            bbox,
            detected: bbox,
            class: RoadUserClass::Person,
            score: 0.8,
            seen: true,
            velocity_px_s: [0.0; 2],
            first_seen: Time::default(),
            first_bbox: bbox,
        }
    }

    fn person(bbox: BoxPx, score: f32) -> Detection {
        Detection { bbox, class: RoadUserClass::Person, score }
    }

    /// Runs 5 frames a second for so long; gives the times of the looks.
    fn run(
        again: &mut Again,
        (from_s, to_s): (f64, f64),
        tracks: &[Track],
        turned: &[Detection],
    ) -> Vec<f64> {
        let mut looks = Vec::new();
        let mut number = (from_s * 5.0).round();
        while number / 5.0 < to_s {
            let now_s = number / 5.0;
            if again.due(now_s).is_some() {
                looks.push(now_s);
                again.take(now_s, turned);
            }
            again.note(now_s, FRAME, tracks);
            number += 1.0;
        }
        looks
    }

    /// Somebody was upright for two seconds.
    fn after_standing(bbox: BoxPx) -> Again {
        let mut again = Again::default();
        let looks = run(&mut again, (0.0, 2.0), &[track(1, bbox)], &[]);
        assert!(looks.is_empty(), "who stands is not looked at: {looks:?}");
        again
    }

    #[test]
    fn who_was_lost_inside_the_picture_is_looked_for_and_not_for_long() {
        let mut again = after_standing(STANDS);
        let looks = run(&mut again, (2.0, 12.0), &[], &[]);
        assert!((7..=9).contains(&looks.len()) && looks[0] <= 2.4, "{looks:?}");
        assert!(looks.last().is_some_and(|last_s| *last_s < 4.5), "{looks:?}");
    }

    #[test]
    fn whose_box_became_low_and_wide_is_looked_for() {
        let mut again = after_standing(STANDS);
        assert_eq!(run(&mut again, (2.0, 3.0), &[track(1, LIES)], &[]).len(), 4);
    }

    #[test]
    fn nobody_is_looked_for_who_left_the_picture_or_is_behind_somebody() {
        let at_the_side = BoxPx { left: 4.0, ..STANDS };
        assert!(run(&mut after_standing(at_the_side), (2.0, 4.0), &[], &[]).is_empty());
        let in_front = track(2, BoxPx { left: 310.0, top: 195.0, width: 60.0, height: 130.0 });
        assert!(run(&mut after_standing(STANDS), (2.0, 4.0), &[in_front], &[]).is_empty());
    }

    #[test]
    fn who_was_found_stays_between_the_looks_and_until_nobody_was_found_for_a_while() {
        let mut again = after_standing(STANDS);
        let looks = run(&mut again, (2.0, 12.0), &[], &[person(LIES, 0.5)]);
        assert!((9..=14).contains(&looks.len()), "about one a second: {looks:?}");
        let mut detections = Vec::new();
        again.add(12.0, &mut detections);
        assert_eq!(detections, [person(LIES, BELIEVED)]);
        let looks = run(&mut again, (12.0, 30.0), &[], &[]);
        assert!(looks.last().is_some_and(|last_s| (16.0..20.0).contains(last_s)), "{looks:?}");
        detections.clear();
        again.add(15.0, &mut detections);
        assert_eq!(detections, [], "an old look is no detection");
    }

    #[test]
    fn after_a_look_that_found_nobody_the_next_is_at_another_scale() {
        let mut again = after_standing(STANDS);
        again.note(2.0, FRAME, &[]);
        let mut side = |now_s: f64, turned: &[Detection]| {
            let piece = again.due(now_s).map(|piece| (piece.side / 10.0).round());
            again.take(now_s, turned);
            piece
        };
        assert_eq!(side(2.2, &[]), Some(25.0));
        assert_eq!(side(2.3, &[]), None, "too early");
        assert_eq!(side(2.4, &[person(LIES, 0.35)]), Some(22.0), "not yet believed");
        assert_eq!(side(2.6, &[person(LIES, 0.5)]), Some(30.0));
        assert_eq!(side(3.4, &[person(LIES, 0.35)]), Some(30.0), "believed of who lay there before");
        assert_eq!(side(3.8, &[]), None, "found by the last look");
    }

    #[test]
    fn who_stands_up_again_is_not_looked_for_any_more() {
        let mut again = after_standing(STANDS);
        run(&mut again, (2.0, 6.0), &[], &[person(LIES, 0.5)]);
        let looks = run(&mut again, (6.0, 20.0), &[track(2, STANDS)], &[]);
        assert!(looks.last().is_none_or(|last_s| *last_s < 8.6), "{looks:?}");
    }

    #[test]
    fn what_is_no_lying_person_of_that_size_at_that_place_is_not_taken() {
        let table = [
            ("another class", Detection { class: RoadUserClass::Car, ..person(LIES, 0.8) }),
            ("a weak one", person(LIES, 0.3)),
            ("one that stands", person(STANDS, 0.9)),
            (
                "the upper body of one who bends down",
                person(BoxPx { left: 310.0, top: 215.0, width: 65.0, height: 45.0 }, 0.8),
            ),
            ("somebody who lies nearer to the camera", person(BoxPx { top: 320.0, ..LIES }, 0.8)),
            ("far away", person(BoxPx { left: 450.0, ..LIES }, 0.9)),
            ("a dog", person(BoxPx { width: 40.0, height: 20.0, ..LIES }, 0.9)),
            ("a car", person(BoxPx { width: 190.0, height: 90.0, ..LIES }, 0.9)),
        ];
        for (name, detection) in table {
            let mut again = after_standing(STANDS);
            run(&mut again, (2.0, 4.0), &[], &[detection]);
            let mut detections = Vec::new();
            again.add(3.8, &mut detections);
            assert_eq!(detections, [], "{name}");
        }
    }

    #[test]
    fn of_two_that_are_one_road_user_the_better_stays() {
        let mut again = after_standing(STANDS);
        run(&mut again, (2.0, 4.0), &[], &[person(LIES, 0.5)]);
        let car = Detection { class: RoadUserClass::Car, ..person(LIES, 0.9) };
        let (helper, sure) = (person(BoxPx { left: 260.0, ..STANDS }, 0.9), person(LIES, 0.7));
        let lies = person(LIES, BELIEVED);
        for (name, seen, wanted) in [
            ("the word for a lying person is not always person", vec![car], vec![lies]),
            ("the upright look found it as well, and better", vec![sure], vec![sure]),
            ("somebody who helps", vec![helper], vec![helper, lies]),
        ] {
            let mut detections = seen;
            again.add(3.8, &mut detections);
            assert_eq!(detections, wanted, "{name}");
        }
    }
}
