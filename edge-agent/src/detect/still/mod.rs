//! The memory of what came and stands still: a stopped car, a bag that somebody left.
//!
//! A second background learns so slowly that what stands still does not fade into it. What differs from it and has not
//! changed for a second, a whole blob of it, is a *still thing* if its outline is in the picture and not in the
//! background; the other way round it is the ghost of something that left, and the background takes over what the
//! picture shows (`outline.rs`). A thing is kept, for hours, until its place shows what was behind it again
//! (`thing.rs`). Changes of the exposure are made up for, and a shadow is no thing.

mod outline;
#[cfg(test)]
mod tests;
mod thing;

use super::DetectError;
use super::background::Background;
use super::blobs::Blobs;
use super::shade::is_only_light;
use ngatu_scene::{BoxPx, Detection};
use opencv::core::{Mat, Rect, Size};
use opencv::imgproc;
use opencv::prelude::*;
use outline::{Verdict, verdict};
use thing::{Fate, Thing};

/// Pictures are looked at no more often than this, seconds.
const EVERY_S: f64 = 0.19;
/// The first so many seconds teach the background quickly, whatever moves.
const LEARNING_S: f64 = 3.0;
/// By how much of 255 a second the background follows the picture while it is learnt quickly …
const QUICK_PER_S: f64 = 30.0;
/// … and later, where nothing differs.
const SAME_PER_S: f64 = 5.0;
/// Where something differs the background follows by 1 of 255 in so many seconds.
const SLOW_STEP_S: f64 = 3.2;
/// Difference in brightness, of 255, that counts.
const DIFFERS: i16 = 18;
/// Change in brightness, of 255, below which a pixel has not changed: noise and the encoder's flicker.
const UNCHANGED: i16 = 12;
/// A pixel stands still when it has not changed for so long, tenths of a second.
const STILL_TENTHS: u8 = 10;
/// Share of a blob's pixels that must stand still.
const STILL_SHARE: f32 = 0.75;
/// Side of the square that closes gaps inside a blob, pixels.
const CLOSING_PX: i32 = 5;
/// Smallest thing, share of the picture's area.
const SMALLEST: f64 = 0.0008;
/// Something larger is a change of the light, share of the picture's area.
const LARGEST: f64 = 0.25;
/// Things that are remembered at a time; one more, and the oldest becomes background.
const MOST_THINGS: usize = 48;
/// What stands for longer than this becomes background, seconds: 12 hours.
const LONGEST_S: f64 = 12.0 * 3600.0;
/// A thing whose outline changes is the same one when it is found again within so long, seconds …
const FOUND_AGAIN_S: f64 = 3.0;
/// … and overlaps what it was by so much.
const FOUND_AGAIN_IOU: f32 = 0.5;
/// Exposures up to this factor are made up for.
const LARGEST_GAIN: f32 = 2.5;
/// When the exposure jumps by more than this factor …
const LARGEST_JUMP: f32 = 1.5;
/// (the usual one follows it with this time constant, seconds)
const GAIN_S: f64 = 10.0;
/// … or a larger share of the picture differs, it shows something else: nothing is learnt from it …
const ELSEWHERE: f32 = 0.5;
/// … unless that lasts, seconds.
const ELSEWHERE_S: f64 = 120.0;
/// The exposure is judged by every so many pixels; a prime does not keep to columns.
const GAIN_STEP: usize = 61;
/// A detection and a thing that overlap by more than this are the same.
const EXPLAINS_IOU: f32 = 0.35;
/// A detection below this score explains nothing.
const EXPLAINS_SCORE: f32 = 0.35;
/// Time constant with which what the network sees changes what a thing is taken for, seconds …
const EXPLAINS_S: f64 = 0.48;
/// … and how much one look of it counts at most: it takes two to change an opinion.
const EXPLAINS_SHARE: f32 = 0.34;

/// Times of looks are compared to this precision, seconds.
const EPSILON_S: f64 = 0.01;

/// Steps of the brightness by which the background follows the picture after so many seconds: where nothing differs, and
/// where something does.
fn steps(step_s: f64, [learning, follows]: [bool; 2]) -> [i16; 2] {
    #[allow(clippy::cast_possible_truncation, reason = "at most 30")]
    let in_step = |per_s: f64| (per_s * step_s.min(1.0)).round().max(1.0) as i16;
    let same = in_step(if learning { QUICK_PER_S } else { SAME_PER_S });
    [same, if learning { same } else { i16::from(follows) }]
}

/// A thing that stands still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StillThing {
    /// Its number, never used twice by one camera's memory.
    pub number: u64,
    /// Where it is.
    pub bbox: BoxPx,
    /// Since when it stands, on the time axis of the looks, seconds.
    pub since_s: f64,
    /// Whether it is a road user whom the network sees, and no thing.
    pub is_road_user: bool,
}

/// A picture in rows of brightness.
#[derive(Clone, Copy)]
struct Picture<'a> {
    pixels: &'a [u8],
    width: usize,
}

/// A thing that was given up a moment ago.
struct Lost {
    bbox: BoxPx,
    number: u64,
    since_s: f64,
    road_user: f32,
    at_s: f64,
}

/// What stands still in front of one camera.
pub(super) struct StillMemory {
    width: usize,
    /// The slow background; the picture is expected to show it times the gain. Under a thing: what is behind it.
    slow: Vec<u8>,
    /// What a pixel showed when it last changed …
    shown: Vec<u8>,
    /// … and how long ago that was, tenths of a second, up to 255.
    tenths: Vec<u8>,
    /// 255 where a thing is.
    owned: Vec<u8>,
    /// 255 where the picture differs from the slow background and no thing is.
    differs: Vec<u8>,
    gain: f32,
    /// What the gain was lately.
    usual_gain: f32,
    ratios: Vec<f32>,
    /// Since when the picture shows something else altogether.
    elsewhere_since_s: Option<f64>,
    begun_s: f64,
    last_s: f64,
    /// When the background last followed what differs.
    followed_s: f64,
    /// When the network last looked.
    explained_s: f64,
    things: Vec<Thing>,
    left: Vec<BoxPx>,
    lost: Vec<Lost>,
    last_number: u64,
    blobs: Blobs,
    /// Places where the background took over what the picture shows, in the last look.
    adopted: Vec<Vec<usize>>,
}

impl StillMemory {
    /// A memory of nothing.
    pub(super) fn new() -> StillMemory {
        StillMemory {
            width: 0,
            slow: Vec::new(),
            shown: Vec::new(),
            tenths: Vec::new(),
            owned: Vec::new(),
            differs: Vec::new(),
            gain: 1.0,
            usual_gain: 1.0,
            ratios: Vec::new(),
            elsewhere_since_s: None,
            begun_s: 0.0,
            last_s: 0.0,
            followed_s: 0.0,
            explained_s: 0.0,
            things: Vec::new(),
            left: Vec::new(),
            lost: Vec::new(),
            last_number: 0,
            blobs: Blobs::default(),
            adopted: Vec::new(),
        }
    }

    /// Takes a picture of the brightness, blurred a little. `now_s` is any time that only grows.
    pub(super) fn look(&mut self, luma: &Mat, now_s: f64) -> Result<(), DetectError> {
        self.left.clear();
        let pixels = luma.data_typed::<u8>()?;
        let width = usize::try_from(luma.cols()).unwrap_or(0);
        if self.slow.len() != pixels.len() || self.width != width || now_s < self.last_s {
            self.begin(pixels, width, now_s);
            return Ok(());
        }
        let step_s = now_s - self.last_s;
        if step_s < EVERY_S {
            return Ok(());
        }
        self.last_s = now_s;
        self.adopted.clear();
        let learning = now_s - self.begun_s < LEARNING_S;
        if self.weigh(pixels, step_s) > ELSEWHERE && !learning {
            // Covered, blinded, turned away: what is known is kept for when it comes back.
            let since_s = *self.elsewhere_since_s.get_or_insert(now_s);
            if now_s - since_s > ELSEWHERE_S {
                self.begin(pixels, width, now_s);
            }
            return Ok(());
        }
        self.elsewhere_since_s = None;
        let follows = now_s - self.followed_s >= SLOW_STEP_S - EPSILON_S;
        if follows {
            self.followed_s = now_s;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 10")]
        let tenths = (step_s.min(1.0) * 10.0).round() as u8;
        let standing = self.compare(pixels, tenths, steps(step_s, [learning, follows]));
        if learning {
            return Ok(());
        }
        let picture = Picture { pixels, width };
        self.follow(picture, now_s);
        let smallest = SMALLEST * pixels.len() as f64;
        if standing as f64 >= smallest {
            self.find(picture, now_s, smallest)?;
        }
        Ok(())
    }

    /// What stands still, also behind something that passes, in pixels of the picture of the looks.
    pub(super) fn things(&self) -> impl Iterator<Item = StillThing> {
        self.things.iter().map(Thing::stated)
    }

    /// Where things were that left in the last look.
    pub(super) fn left(&self) -> &[BoxPx] {
        &self.left
    }

    /// Clears the things that are seen whole out of a mask of what differs; their boxes. What passes beside or behind
    /// them is a blob of its own then.
    pub(super) fn part(&self, luma: &Mat, differs: &mut Mat) -> Result<Vec<BoxPx>, DetectError> {
        let (pixels, mask) = (luma.data_typed::<u8>()?, differs.data_typed_mut::<u8>()?);
        if pixels.len() != self.slow.len() || mask.len() != pixels.len() {
            return Ok(Vec::new());
        }
        let apart = self.things.iter().filter(|thing| thing.part(pixels, self.gain, mask));
        Ok(apart.map(|thing| thing.bbox).collect())
    }

    /// Takes what the network sees in the present picture; boxes in its pixels. What it sees standing is no thing.
    pub(super) fn explain(&mut self, seen: &[Detection], scale: [f32; 2]) {
        let since_s = (self.last_s - self.explained_s).max(0.0);
        self.explained_s = self.last_s;
        #[allow(clippy::cast_possible_truncation, reason = "a share needs no more digits")]
        let share = ((1.0 - (-since_s / EXPLAINS_S).exp()) as f32).min(EXPLAINS_SHARE);
        for thing in self.things.iter_mut().filter(|thing| thing.is_visible()) {
            let same = |detection: &Detection| {
                detection.score >= EXPLAINS_SCORE
                    && ngatu_scene::geometry::iou(detection.bbox.scaled(scale[0], scale[1]), thing.bbox)
                        > EXPLAINS_IOU
            };
            let hit = if seen.iter().any(same) { 1.0 } else { 0.0 };
            thing.road_user += share * (hit - thing.road_user);
        }
    }

    /// Keeps things out of a background that learns faster, and out of it what is a thing no more.
    pub(super) fn guard(&self, background: &mut Background, luma: &Mat) -> Result<(), DetectError> {
        let pixels = luma.data_typed::<u8>()?;
        for place in &self.adopted {
            background.put(place.iter().map(|i| (*i, f32::from(pixels[*i]))))?;
        }
        for thing in &self.things {
            let factor = self.gain * thing.light;
            let behind = thing.pixels().map(|i| (i, f32::from(self.slow[i]) * factor));
            background.put(behind)?;
        }
        Ok(())
    }

    /// Forgets all but the numbers; the next picture begins anew.
    pub(super) fn forget(&mut self) {
        *self = StillMemory { last_number: self.last_number, ..StillMemory::new() };
    }

    fn begin(&mut self, pixels: &[u8], width: usize, now_s: f64) {
        self.forget();
        self.width = width;
        self.slow = pixels.to_vec();
        self.shown = pixels.to_vec();
        self.tenths = vec![0; pixels.len()];
        self.owned = vec![0; pixels.len()];
        self.differs = vec![0; pixels.len()];
        (self.begun_s, self.last_s) = (now_s, now_s);
        (self.followed_s, self.explained_s) = (now_s, now_s);
    }

    /// Finds how much brighter the picture is than the background, by the median of what no thing covers; the share of
    /// it that differs all the same.
    fn weigh(&mut self, pixels: &[u8], step_s: f64) -> f32 {
        let free = (0..pixels.len()).step_by(GAIN_STEP).filter(|i| self.owned[*i] == 0);
        let Self { ratios, slow, .. } = self;
        ratios.clear();
        ratios.extend(free.map(|i| (f32::from(pixels[i]) + 8.0) / (f32::from(slow[i]) + 8.0)));
        if ratios.is_empty() {
            return 0.0;
        }
        let middle = ratios.len() / 2;
        let median = *ratios.select_nth_unstable_by(middle, f32::total_cmp).1;
        self.gain = median.clamp(1.0 / LARGEST_GAIN, LARGEST_GAIN);
        let jump = self.gain / self.usual_gain;
        if !(1.0 / LARGEST_JUMP..=LARGEST_JUMP).contains(&jump) {
            return 1.0;
        }
        #[allow(clippy::cast_possible_truncation, reason = "a share needs no more digits")]
        let share = (1.0 - (-step_s.min(1.0) / GAIN_S).exp()) as f32;
        self.usual_gain += share * (self.gain - self.usual_gain);
        let free = (0..pixels.len()).step_by(GAIN_STEP).filter(|i| self.owned[*i] == 0);
        let off = |i: usize| (f32::from(pixels[i]) - f32::from(self.slow[i]) * self.gain).abs();
        let differ = free.filter(|i| off(*i) > f32::from(DIFFERS)).count();
        differ as f32 / self.ratios.len() as f32
    }

    /// Compares each pixel with the background and with what it last showed, and learns; how many differ and stand still.
    fn compare(&mut self, pixels: &[u8], tenths: u8, [same_step, other_step]: [i16; 2]) -> usize {
        #[allow(clippy::cast_possible_truncation, reason = "the gain is a small number")]
        let gain = (self.gain * 256.0).round() as i32;
        let mut standing = 0_u32;
        let backs = self.slow.iter_mut().zip(&self.owned);
        let past = self.shown.iter_mut().zip(&mut self.tenths);
        for (((now, (slow, owned)), (shown, age)), differs) in
            pixels.iter().zip(backs).zip(past).zip(&mut self.differs)
        {
            let now = i16::from(*now);
            #[allow(clippy::cast_possible_truncation, reason = "at most 255 · 2.5")]
            let expected = ((i32::from(*slow) * gain + 128) >> 8) as i16;
            let (off, free) = (now - expected, *owned == 0);
            let is_other = free & (off.abs() > DIFFERS);
            let has_changed = (now - i16::from(*shown)).abs() > UNCHANGED;
            *age = if has_changed { 0 } else { age.saturating_add(tenths) };
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
            {
                *shown = if has_changed { now as u8 } else { *shown };
                let most = if is_other { other_step } else { same_step };
                let step = if free { off.clamp(-most, most) } else { 0 };
                *slow = (i16::from(*slow) + step).clamp(0, 255) as u8;
            }
            *differs = if is_other { 255 } else { 0 };
            standing += u32::from(is_other & (*age >= STILL_TENTHS));
        }
        usize::try_from(standing).unwrap_or(0)
    }

    /// Looks after the things that are known.
    fn follow(&mut self, picture: Picture<'_>, now_s: f64) {
        self.lost.retain(|lost| now_s - lost.at_s <= FOUND_AGAIN_S);
        let mut things = std::mem::take(&mut self.things);
        things.retain_mut(|thing| {
            if now_s - thing.since_s > LONGEST_S {
                self.adopt(thing.pixels().collect(), picture.pixels);
                return false;
            }
            thing.relight(&self.slow, &self.owned);
            match thing.look(picture.pixels, (&self.slow, &self.tenths, self.gain), now_s) {
                Fate::Stays => return true,
                Fate::Left => self.left.push(thing.bbox),
                Fate::Gone => {}
            }
            self.release(thing);
            self.lost.push(Lost {
                bbox: thing.bbox,
                number: thing.number,
                since_s: thing.since_s,
                road_user: thing.road_user,
                at_s: now_s,
            });
            false
        });
        self.things = things;
    }

    /// Finds new things among what stands still.
    fn find(&mut self, picture: Picture<'_>, now_s: f64, smallest: f64) -> Result<(), DetectError> {
        let rows = i32::try_from(self.differs.len() / self.width.max(1)).unwrap_or(0);
        let columns = i32::try_from(self.width).unwrap_or(0);
        let mut closed = Mat::default();
        let side = Size::new(CLOSING_PX, CLOSING_PX);
        let square = imgproc::get_structuring_element_def(imgproc::MORPH_RECT, side)?;
        {
            let differs = Mat::new_rows_cols_with_data(rows, columns, &self.differs)?;
            imgproc::morphology_ex_def(&differs, &mut closed, imgproc::MORPH_CLOSE, &square)?;
        }
        for (rect, label) in self.blobs.find(&closed, smallest)? {
            let place = self.place(rect, label)?;
            let (mut differ, mut still) = (0_u32, 0_u32);
            for i in place.iter().filter(|i| self.differs[**i] != 0) {
                differ += 1;
                still += u32::from(self.tenths[*i] >= STILL_TENTHS);
            }
            if differ == 0 || (still as f32) < STILL_SHARE * differ as f32 {
                continue;
            }
            if place.len() as f64 > LARGEST * picture.pixels.len() as f64 {
                self.adopt(place, picture.pixels);
                continue;
            }
            // A shadow that came to stay.
            let lit = place.iter().filter(|i| self.differs[**i] != 0);
            if is_only_light(lit.map(|i| (self.slow[*i], picture.pixels[*i]))) {
                self.adopt(place, picture.pixels);
                continue;
            }
            let back = Picture { pixels: &self.slow, width: self.width };
            match verdict(&place, picture, (back, self.gain)) {
                Verdict::Thing => self.keep(place, rect, picture, now_s),
                Verdict::Ghost => self.adopt(place, picture.pixels),
                // Asked again after it has stood for another second.
                Verdict::Unsure => place.iter().for_each(|i| self.tenths[*i] = 0),
            }
        }
        Ok(())
    }

    /// The pixels of a blob, with the gaps that the closing filled and without those of other things.
    fn place(&self, rect: Rect, label: i32) -> Result<Vec<usize>, DetectError> {
        let mask = self.blobs.mask(rect, label)?;
        let inside = mask.data_typed::<u8>()?;
        let number = |v: i32| usize::try_from(v).unwrap_or(0);
        let (left, top, width) = (number(rect.x), number(rect.y), number(rect.width).max(1));
        let place = inside.iter().enumerate().filter(|(_, value)| **value != 0);
        let place = place.map(|(i, _)| (top + i / width) * self.width + left + i % width);
        Ok(place.filter(|i| self.owned[*i] == 0).collect())
    }

    fn keep(&mut self, place: Vec<usize>, rect: Rect, picture: Picture<'_>, now_s: f64) {
        let stood_s =
            place.iter().filter(|i| self.differs[**i] != 0).map(|i| self.tenths[*i]).collect::<Vec<_>>();
        let bbox = super::motion::boxed(rect);
        let mut thing = Thing::new(place, bbox, (picture, self.gain), &self.slow);
        thing.since_s = now_s - median_tenths(stood_s) / 10.0;
        thing.seen_s = now_s;
        let same = |lost: &Lost| ngatu_scene::geometry::iou(lost.bbox, bbox) >= FOUND_AGAIN_IOU;
        if let Some(at) = self.lost.iter().position(same) {
            let lost = self.lost.swap_remove(at);
            (thing.number, thing.since_s, thing.road_user) = (lost.number, lost.since_s, lost.road_user);
        } else {
            self.last_number += 1;
            thing.number = self.last_number;
        }
        if self.things.len() >= MOST_THINGS {
            let oldest = self.things.remove(0);
            self.adopt(oldest.pixels().collect(), picture.pixels);
        }
        thing.pixels().for_each(|i| {
            self.owned[i] = 255;
            self.differs[i] = 0;
        });
        self.things.push(thing);
    }

    /// A thing is none any more; the background there is what was behind it.
    fn release(&mut self, thing: &Thing) {
        for i in thing.pixels() {
            self.owned[i] = 0;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
            let behind = (f32::from(self.slow[i]) * thing.light).round().clamp(0.0, 255.0) as u8;
            self.slow[i] = behind;
        }
    }

    /// The background takes over what the picture shows at a place.
    fn adopt(&mut self, place: Vec<usize>, pixels: &[u8]) {
        for i in &place {
            self.owned[*i] = 0;
            self.differs[*i] = 0;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
            let shown = (f32::from(pixels[*i]) / self.gain).round().clamp(0.0, 255.0) as u8;
            self.slow[*i] = shown;
        }
        self.adopted.push(place);
    }
}

/// The median of some tenths of seconds.
fn median_tenths(mut tenths: Vec<u8>) -> f64 {
    if tenths.is_empty() {
        return 0.0;
    }
    let middle = tenths.len() / 2;
    f64::from(*tenths.select_nth_unstable(middle).1)
}
