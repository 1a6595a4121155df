//! Tracks as data: the simplified trajectory of one road user, small enough to keep for weeks.
//!
//! A trajectory is a polyline of its box over time; between two points it moved evenly. The numbers are whole and
//! coded as differences, because small whole numbers are what both JSON and a database keep in few bytes. A long
//! track comes in pieces with the same number, each of which begins where the one before ended.

use crate::{RoadUserClass, storable};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Numbers of one point in [`TrackData::points`].
pub const PER_POINT: usize = 5;
/// Most points of one trajectory.
pub const MAX_POINTS: usize = 256;
/// Longest trajectory, centiseconds: a day-long one comes in pieces.
pub const MAX_DURATION_CS: u32 = 360_000;
/// The picture's width or height in coordinates of [`TrackPoint`].
pub const SCALE: i16 = 10_000;
/// Where a foot point may lie: up to half a picture outside, because a box may reach beyond it.
const PLACES: std::ops::RangeInclusive<i32> = -5_000..=15_000;
/// Width and height of a box, up to two pictures.
const SIDES: std::ops::RangeInclusive<i32> = 1..=20_000;

/// The body of `vn.ngatu.track.v1`: one road user's way through the picture, or a piece of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrackData {
    /// The track, unique per agent start.
    pub track: u64,
    /// Its class by vote over the whole track.
    pub class: RoadUserClass,
    /// Mean score of its detections, 0..=1.
    pub confidence: f64,
    /// When it was first seen, or when the piece before ended.
    pub from: DateTime<Utc>,
    /// Width and height of the analysed picture, pixels.
    pub frame: [u16; 2],
    /// Five numbers a point: time since `from` in centiseconds; x and y of the foot point, width and height of the box,
    /// each in 1/10,000 of the picture's width or height. The first point as it is, each other one as the difference to
    /// the point before. Of the time only growth is taken.
    pub points: Vec<i16>,
    /// Indices of points before which it was lost for a while: nobody saw the way to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<u16>,
    /// Whether the track goes on in another piece, which begins with this one's last point.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub goes_on: bool,
    /// Which detector saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The version of the configuration in force; 0 for one from a local file.
    #[serde(default)]
    pub config: u64,
}

/// One point of a trajectory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackPoint {
    /// Time since the trajectory's `from`, centiseconds.
    pub after_cs: u32,
    /// Foot point, 1/10,000 of the picture's width from its left edge.
    pub x: i16,
    /// Foot point, 1/10,000 of the picture's height from its upper edge.
    pub y: i16,
    /// Width of the box, 1/10,000 of the picture's width.
    pub width: i16,
    /// Height of the box, 1/10,000 of the picture's height.
    pub height: i16,
}

/// Codes points as [`TrackData::points`]. Coordinates are clamped to what may travel, times made to grow and to grow
/// by no more than one number can say (327 s).
#[must_use]
pub fn pack(points: &[TrackPoint]) -> Vec<i16> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "each is clamped to a range inside i16, differences too"
    )]
    let small = |value: i32| value as i16;
    let place = |value: i16| i32::from(value).clamp(*PLACES.start(), *PLACES.end());
    let side = |value: i16| i32::from(value).clamp(*SIDES.start(), *SIDES.end());
    let mut packed = Vec::with_capacity(points.len() * PER_POINT);
    let (mut time_cs, mut before) = (0, [0; 4]);
    for (i, point) in points.iter().enumerate() {
        let step = if i == 0 { 0 } else { point.after_cs.saturating_sub(time_cs).clamp(1, 32_767) };
        time_cs += step;
        let now = [place(point.x), place(point.y), side(point.width), side(point.height)];
        packed.push(i16::try_from(step).unwrap_or(i16::MAX));
        packed.extend(now.iter().zip(before).map(|(now, before)| small(now - before)));
        before = now;
    }
    packed
}

/// Reads [`TrackData::points`] and checks them.
///
/// # Errors
/// Says what is wrong with which point.
pub fn unpack(packed: &[i16]) -> Result<Vec<TrackPoint>, String> {
    let (points, rest) = packed.as_chunks::<PER_POINT>();
    if !rest.is_empty() || !(2..=MAX_POINTS).contains(&points.len()) {
        return Err(format!(
            "points: {} numbers, wanted {PER_POINT} for each of 2 to {MAX_POINTS} points",
            packed.len()
        ));
    }
    let mut out = Vec::with_capacity(points.len());
    let (mut after_cs, mut at) = (0, [0_i32; 4]);
    for (i, [step, change @ ..]) in points.iter().enumerate() {
        let step = match (i, u32::try_from(*step)) {
            (0, Ok(0)) => 0,
            (1.., Ok(step @ 1..)) => step,
            (0, _) => return Err("points[0]: the first time is not 0".into()),
            _ => return Err(format!("points[{i}]: time does not grow")),
        };
        after_cs += step;
        at.iter_mut().zip(change).for_each(|(at, change)| *at += i32::from(*change));
        let [x, y, width, height] = at;
        if ![x, y].iter().all(|v| PLACES.contains(v)) || ![width, height].iter().all(|v| SIDES.contains(v)) {
            return Err(format!("points[{i}]: box {at:?} is far outside the picture or has no size"));
        }
        let small = |value: i32| i16::try_from(value).expect("it was compared with the limits above");
        let (x, y, width, height) = (small(x), small(y), small(width), small(height));
        out.push(TrackPoint { after_cs, x, y, width, height });
    }
    if after_cs > MAX_DURATION_CS {
        return Err(format!("points: {after_cs} cs is longer than {MAX_DURATION_CS}"));
    }
    Ok(out)
}

impl TrackData {
    /// When it was last seen, or when the next piece begins.
    #[must_use]
    pub fn to(&self) -> DateTime<Utc> {
        let steps = self.points.iter().step_by(PER_POINT).map(|step| i64::from(*step) * 10);
        self.from + TimeDelta::milliseconds(steps.sum())
    }

    /// Checks the ranges that the types do not.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub fn check(&self) -> Result<(), String> {
        storable::number("track", self.track)?;
        storable::number("config", self.config)?;
        if !(0.0..=1.0).contains(&self.confidence) {
            return Err(format!("confidence {} is outside 0..=1", self.confidence));
        }
        if self.frame.contains(&0) {
            return Err("frame: a picture has at least one pixel".into());
        }
        let points = unpack(&self.points)?;
        storable::time("from", self.from)?;
        storable::time("end", self.to())?;
        let ascends = self.unseen.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascends || self.unseen.iter().any(|i| !(1..points.len()).contains(&usize::from(*i))) {
            return Err("unseen: wanted ascending indices of points other than the first".into());
        }
        if self.model.as_ref().is_some_and(|model| model.len() > 64) {
            return Err("model is longer than 64 bytes".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn walk() -> TrackData {
        let point = |after_cs, x, y| TrackPoint { after_cs, x, y, width: 400, height: 1000 };
        TrackData {
            track: 812,
            class: RoadUserClass::Person,
            confidence: 0.83,
            from: "2026-11-22T08:00:00.120Z".parse().unwrap(),
            frame: [768, 576],
            points: pack(&[point(0, 5000, 6000), point(120, 5300, 6010), point(2340, 9000, 6020)]),
            unseen: vec![2],
            goes_on: false,
            model: Some("nanodet-g-416-int8".into()),
            config: 17,
        }
    }

    #[test]
    fn a_trajectory_is_small_whole_numbers() {
        let data = walk();
        assert_eq!(data.check(), Ok(()));
        assert_eq!(data.points, [0, 5000, 6000, 400, 1000, 120, 300, 10, 0, 0, 2220, 3700, 10, 0, 0]);
        assert_eq!(data.to(), "2026-11-22T08:00:23.520Z".parse::<DateTime<Utc>>().unwrap());
        let text = serde_json::to_string(&data).unwrap();
        assert!(
            text.contains(r#""points":[0,5000,6000,400,1000,120,300,10,0,0,2220,3700,10,0,0],"unseen":[2],"#)
        );
        assert_eq!(serde_json::from_str::<TrackData>(&text).unwrap(), data);
    }

    #[test]
    fn each_value_out_of_range_is_named() {
        type Change = fn(&mut TrackData);
        let table: [(Change, &str); 14] = [
            (|d| d.points.truncate(5), "2 to 256 points"),
            (|d| d.points.truncate(13), "13 numbers"),
            (|d| d.points.resize(5 * 257, 1), "2 to 256 points"),
            (|d| d.points[0] = 1, "first time"),
            (|d| d.points[5] = 0, "points[1]: time"),
            (|d| d.points[10] = -7, "points[2]: time"),
            (|d| d.points[6] = 20_000, "points[1]: box"),
            (|d| d.points[4] = 0, "points[0]: box"),
            (
                |d| d.points = [0, 1, 1, 1, 1].into_iter().chain([32_767, 0, 0, 0, 0].repeat(12)).collect(),
                "longer",
            ),
            (|d| d.unseen = vec![0], "unseen"),
            (|d| d.unseen = vec![2, 2], "unseen"),
            (|d| d.unseen = vec![3], "unseen"),
            (|d| d.frame[1] = 0, "frame"),
            (|d| d.confidence = f64::NAN, "confidence"),
        ];
        for (change, wanted) in table {
            let mut data = walk();
            change(&mut data);
            let reason = data.check().unwrap_err();
            assert!(reason.contains(wanted), "{reason} should speak of {wanted}");
        }
    }

    #[test]
    fn the_end_must_be_a_time_that_a_clock_could_show() {
        let data = TrackData { from: "9999-12-31T23:59:59Z".parse().unwrap(), ..walk() };
        assert!(data.check().unwrap_err().contains("end"));
    }

    proptest! {
        #[test]
        fn whatever_is_packed_passes_the_checks_and_reads_back(
            raw in proptest::collection::vec((1_u32..700, any::<i16>(), any::<i16>(), any::<i16>(), any::<i16>()), 2..=256)
        ) {
            let mut after_cs = 0;
            let points: Vec<_> = raw.iter().enumerate().map(|(i, (step, x, y, width, height))| {
                after_cs += if i == 0 { 0 } else { *step };
                TrackPoint { after_cs, x: *x, y: *y, width: *width, height: *height }
            }).collect();
            let read = unpack(&pack(&points)).unwrap();
            prop_assert_eq!(read.len(), points.len());
            for (read, sent) in read.iter().zip(&points) {
                prop_assert_eq!(read.after_cs, sent.after_cs);
                prop_assert_eq!(i32::from(read.x), i32::from(sent.x).clamp(-5000, 15_000));
                prop_assert_eq!(i32::from(read.height), i32::from(sent.height).clamp(1, 20_000));
            }
            prop_assert_eq!(pack(&read), pack(&points));
        }
    }
}
