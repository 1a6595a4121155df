//! One thing that stands still: what it looked like, and whether its place still shows it.

use super::{Picture, StillThing};
use ngatu_scene::BoxPx;

/// A pixel shows what is expected when it is off by no more than this, of 255.
const MATCHES: f32 = 18.0;
/// The thing is seen from this share of its pixels on.
const VISIBLE: f32 = 0.3;
/// It has left, or a part of it that was none, when this share shows what was behind it …
const BARE: f32 = 0.35;
/// All of it has left when this share does.
const ALL_BARE: f32 = 0.6;
/// It stands apart from what passes while this share of it is seen.
const APART: f32 = 0.75;
/// … for so long, tenths of a second.
const BARE_TENTHS: u8 = 3;
/// Something else stands there when this share shows neither …
const OTHER: f32 = 0.5;
/// … for so long, tenths of a second.
const OTHER_TENTHS: u8 = 200;
/// What cannot be seen for so long is given up, seconds: as long as a parked vehicle may be hidden.
const HIDDEN_S: f64 = 60.0;
/// The light beside it is judged by at most so many pixels …
const RING_PIXELS: usize = 64;
/// … so far from its box, pixels.
const RING_PX: usize = 4;
/// What is behind it is made brighter or darker by at most this factor.
const LARGEST_LIGHT: f32 = 4.0;
/// What it is taken for before the network looked: it must look and see nobody there.
const PERHAPS_ROAD_USER: f32 = 0.6;

/// What a look finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stands, or something is in front of it.
    Stays,
    /// It changed its outline, or something else stands there.
    Gone,
    /// It left: its place shows what was behind it.
    Left,
}

/// A thing.
pub(super) struct Thing {
    pub(super) number: u64,
    pub(super) bbox: BoxPx,
    pub(super) since_s: f64,
    /// When it was last seen, seconds.
    pub(super) seen_s: f64,
    /// How much brighter the ground beside it became since it was found.
    pub(super) light: f32,
    /// From 0 to 1: how much speaks for a road user whom the network sees.
    pub(super) road_user: f32,
    visible: bool,
    /// Where, as places in the picture, and what it shows there at gain 1.
    patch: Vec<(usize, u8)>,
    /// Places beside it with the background's brightness when it was found.
    ring: Vec<(usize, u8)>,
}

impl Thing {
    /// A thing at these pixels of the picture, which is `gain` times as bright as the background.
    pub(super) fn new(
        place: Vec<usize>,
        bbox: BoxPx,
        (picture, gain): (Picture<'_>, f32),
        slow: &[u8],
    ) -> Thing {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
        let plain = |i: usize| (f32::from(picture.pixels[i]) / gain).round().clamp(0.0, 255.0) as u8;
        Thing {
            number: 0,
            bbox,
            since_s: 0.0,
            seen_s: 0.0,
            light: 1.0,
            road_user: PERHAPS_ROAD_USER,
            visible: true,
            patch: place.into_iter().map(|i| (i, plain(i))).collect(),
            ring: ring(bbox, picture).into_iter().map(|i| (i, slow[i])).collect(),
        }
    }

    pub(super) fn is_visible(&self) -> bool {
        self.visible
    }

    /// Its places in the picture.
    pub(super) fn pixels(&self) -> impl Iterator<Item = usize> {
        self.patch.iter().map(|(i, _)| *i)
    }

    pub(super) fn stated(&self) -> StillThing {
        StillThing {
            number: self.number,
            bbox: self.bbox,
            since_s: self.since_s,
            is_road_user: self.road_user >= 0.5,
        }
    }

    /// Judges the light beside it: what is behind it changes as the ground around does, between day and night.
    pub(super) fn relight(&mut self, slow: &[u8], owned: &[u8]) {
        let free = self.ring.iter().filter(|(i, _)| owned[*i] == 0);
        let (now, then) = free.fold((0.0_f32, 0.0_f32), |(now, then), (i, before)| {
            (now + f32::from(slow[*i]), then + f32::from(*before))
        });
        if then > 0.0 {
            self.light = (now / then).clamp(1.0 / LARGEST_LIGHT, LARGEST_LIGHT);
        }
    }

    /// If nearly all of it is seen in the picture, clears the pixels that show it out of a mask; whether it did.
    pub(super) fn part(&self, pixels: &[u8], gain: f32, mask: &mut [u8]) -> bool {
        let shows =
            |(i, shown): &&(usize, u8)| (f32::from(pixels[*i]) - f32::from(*shown) * gain).abs() <= MATCHES;
        let seen = self.patch.iter().filter(shows).count();
        if !self.visible || (seen as f32) < APART * self.patch.len() as f32 {
            return false;
        }
        self.patch.iter().filter(shows).for_each(|(i, _)| mask[*i] = 0);
        true
    }

    /// Compares its place with what it looked like and with what is behind it.
    pub(super) fn look(
        &mut self,
        pixels: &[u8],
        (slow, tenths, gain): (&[u8], &[u8], f32),
        now_s: f64,
    ) -> Fate {
        let (mut own, mut bare, mut other, mut all) = (0_u32, 0_u32, 0_u32, 0_u32);
        for (i, shown) in &mut self.patch {
            let now = f32::from(pixels[*i]);
            let off = now - f32::from(*shown) * gain;
            let is_own = off.abs() <= MATCHES;
            let is_bare = (now - f32::from(slow[*i]) * gain * self.light).abs() <= MATCHES;
            if is_own && self.visible {
                *shown = match off {
                    off if off > 1.0 => shown.saturating_add(1),
                    off if off < -1.0 => shown.saturating_sub(1),
                    _ => *shown,
                };
            }
            if is_own && is_bare {
                continue;
            }
            all += 1;
            own += u32::from(is_own);
            bare += u32::from(is_bare && tenths[*i] >= BARE_TENTHS);
            other += u32::from(!is_own && !is_bare && tenths[*i] >= OTHER_TENTHS);
        }
        let share = |count: u32| count as f32 / (all.max(1)) as f32;
        if all > 0 && share(bare) >= ALL_BARE {
            return Fate::Left;
        }
        if all > 0 && (share(bare) >= BARE || share(other) >= OTHER) {
            return Fate::Gone;
        }
        self.visible = all == 0 || share(own) >= VISIBLE;
        if self.visible {
            self.seen_s = now_s;
        }
        if now_s - self.seen_s > HIDDEN_S { Fate::Gone } else { Fate::Stays }
    }
}

/// Places around a box, inside the picture.
fn ring(bbox: BoxPx, picture: Picture<'_>) -> Vec<usize> {
    let height = picture.pixels.len() / picture.width.max(1);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside a small picture")]
    let px = |v: f32| v.max(0.0) as usize;
    let (left, top) = (px(bbox.left), px(bbox.top));
    let (right, bottom) = (px(bbox.left + bbox.width) + RING_PX, px(bbox.top + bbox.height) + RING_PX);
    let rows = [top.checked_sub(RING_PX), Some(bottom).filter(|y| *y < height)];
    let columns = [left.checked_sub(RING_PX), Some(right).filter(|x| *x < picture.width)];
    let along = rows.into_iter().flatten().flat_map(|y| (left..right).map(move |x| (x, y)));
    let across = columns.into_iter().flatten().flat_map(|x| (top..bottom).map(move |y| (x, y)));
    let inside = along.chain(across).filter(|(x, y)| *x < picture.width && *y < height);
    let places: Vec<usize> = inside.map(|(x, y)| y * picture.width + x).collect();
    let step = places.len().div_ceil(RING_PIXELS).max(1);
    places.into_iter().step_by(step).collect()
}
