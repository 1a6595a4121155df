//! MOTChallenge text: the format in which detections and tracks are exchanged between trackers and their scorers.
//!
//! In: `frame,class or -1,left,top,width,height,score` (more columns are ignored). Out:
//! `frame,id,left,top,width,height,score,-1,-1,-1`. Frames count from 1, boxes are in pixels.

use crate::{BoxPx, Detection, Track};
use ngatu_protocol::RoadUserClass;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Largest frame number that is taken: a week at 60 fps. It bounds the work that one line of a foreign file can cause.
const LAST_FRAME: u32 = 36_288_000;

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct MotError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// The detections of one sequence, by frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MotDetections {
    frames: BTreeMap<u32, Vec<Detection>>,
    /// Lines whose class is no road user (COCO knows 80 classes), or whose box or score is below the limit or
    /// without area.
    pub skipped: usize,
}

impl MotDetections {
    /// The number of the last frame with a detection; 0 when there is none.
    #[must_use]
    pub fn last_frame(&self) -> u32 {
        self.frames.last_key_value().map_or(0, |(frame, _)| *frame)
    }

    /// The detections in a frame, in the order of the file.
    #[must_use]
    pub fn of(&self, frame: u32) -> &[Detection] {
        self.frames.get(&frame).map_or(&[], Vec::as_slice)
    }
}

/// The road user of a COCO class number; -1, "not told", is taken as [`RoadUserClass::Object`].
#[must_use]
pub fn class_of_coco(number: i64) -> Option<RoadUserClass> {
    Some(match number {
        -1 => RoadUserClass::Object,
        0 => RoadUserClass::Person,
        1 => RoadUserClass::Bicycle,
        2 => RoadUserClass::Car,
        3 => RoadUserClass::Motorcycle,
        5 => RoadUserClass::Bus,
        7 => RoadUserClass::Truck,
        _ => return None,
    })
}

/// Reads a detection file. Detections with a score below `min_score` are left out.
///
/// Scores are probabilities. A file in which any score is above 1 has another scale, of which nothing is known: there,
/// every detection that reaches `min_score` counts as certain (score 1).
///
/// # Errors
/// At the first line that is not made of numbers, has too few of them, or has a frame number out of range.
pub fn parse(text: &str, min_score: f32) -> Result<MotDetections, MotError> {
    let mut found = MotDetections::default();
    let mut highest = 0.0_f32;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let (frame, detection) = parse_line(line).map_err(|reason| MotError { line: index + 1, reason })?;
        match detection {
            Some(detection) if detection.score >= min_score && detection.bbox.is_usable() => {
                highest = highest.max(detection.score);
                found.frames.entry(frame).or_default().push(detection);
            }
            _ => found.skipped += 1,
        }
    }
    if highest > 1.0 {
        found.frames.values_mut().flatten().for_each(|detection| detection.score = 1.0);
    }
    Ok(found)
}

fn parse_line(line: &str) -> Result<(u32, Option<Detection>), String> {
    let mut columns = line.split(',').map(str::trim);
    let mut number = |name: &str| -> Result<f64, String> {
        let text = columns
            .next()
            .ok_or_else(|| format!("{name} is missing: wanted frame,class,left,top,width,height,score"))?;
        let value: f64 = text.parse().map_err(|_| format!("{name} `{}` is not a number", shorten(text)))?;
        if value.is_finite() { Ok(value) } else { Err(format!("{name} `{}` is not finite", shorten(text))) }
    };
    let frame = whole(number("frame")?).and_then(|n| u32::try_from(n).ok());
    let frame = frame
        .filter(|n| (1..=LAST_FRAME).contains(n))
        .ok_or_else(|| format!("frame is not a whole number from 1 to {LAST_FRAME}"))?;
    let class = whole(number("class")?).ok_or("class is not a whole number")?;
    let bbox = BoxPx {
        left: single(number("left")?),
        top: single(number("top")?),
        width: single(number("width")?),
        height: single(number("height")?),
    };
    let score = single(number("score")?);
    Ok((frame, class_of_coco(class).map(|class| Detection { bbox, class, score })))
}

/// The number as an integer, if it is a whole one.
fn whole(value: f64) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation, reason = "checked: whole and far below 2^63")]
    (value.fract().abs() < f64::EPSILON && value.abs() < 1.0e12).then_some(value as i64)
}

fn single(value: f64) -> f32 {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "pixels and scores need no more; what overflows is infinite and not usable"
    )]
    let value = value as f32;
    value
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Appends one line for each track in the frame.
pub fn write_frame(out: &mut String, frame: u32, tracks: &[Track]) {
    for track in tracks {
        let BoxPx { left, top, width, height } = track.bbox;
        let (id, score) = (track.id, track.score);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{frame},{id},{left:.2},{top:.2},{width:.2},{height:.2},{score:.4},-1,-1,-1");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detections_are_read_with_or_without_the_extra_columns() {
        let text =
            "1,0,10,20,30,40,0.9\r\n\n 3 , -1 , 1.5,2,3,4,0.5,-1,-1,-1\n3,56,1,2,3,4,0.9\n3,0,1,2,3,4,0.05\n";
        let found = parse(text, 0.1).unwrap();
        assert_eq!((found.last_frame(), found.skipped), (3, 2));
        assert_eq!(found.of(1)[0].class, RoadUserClass::Person);
        assert_eq!(found.of(2), &[]);
        assert_eq!(found.of(3)[0].bbox, BoxPx { left: 1.5, top: 2.0, width: 3.0, height: 4.0 });
    }

    #[test]
    fn a_bad_line_is_an_error_with_its_number() {
        let table = [
            ("1,0,1,2,3", "line 2: height is missing"),
            ("1,0,1,2,3,4", "line 2: score is missing"),
            ("1,0,1,two,3,4,0.5", "line 2: top `two` is not a number"),
            ("0,0,1,2,3,4,0.5", "line 2: frame is not a whole number from 1"),
            ("1.5,0,1,2,3,4,0.5", "line 2: frame is not a whole number"),
            ("99999999999,0,1,2,3,4,0.5", "line 2: frame is not a whole number"),
            ("1,0.5,1,2,3,4,0.5", "line 2: class is not a whole number"),
            ("1,0,NaN,2,3,4,0.5", "line 2: left `NaN` is not finite"),
            ("1,0,1,2,3,4,inf", "line 2: score `inf` is not finite"),
            ("\u{0}\u{1}", "line 2: frame"),
        ];
        for (line, wanted) in table {
            let error = parse(&format!("1,0,1,2,3,4,0.5\n{line}\n"), 0.0).unwrap_err().to_string();
            assert!(error.starts_with(wanted), "{line}: {error:?} should begin with {wanted:?}");
        }
    }

    #[test]
    fn scores_of_an_unknown_scale_count_as_certain() {
        let found = parse("1,-1,1,2,3,4,55.6\n1,-1,1,2,3,4,0.3\n1,-1,1,2,3,4,-2\n", 0.0).unwrap();
        assert_eq!(found.of(1).iter().map(|d| d.score).collect::<Vec<_>>(), [1.0, 1.0]);
    }
}
