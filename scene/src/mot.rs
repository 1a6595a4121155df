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

/// The road user of a COCO class number; -1, "not told", is a person, since the detection files of MOTChallenge are of
/// people and tell no class.
#[must_use]
pub fn class_of_coco(number: i64) -> Option<RoadUserClass> {
    Some(match number {
        -1 | 0 => RoadUserClass::Person,
        1 => RoadUserClass::Bicycle,
        2 => RoadUserClass::Car,
        3 => RoadUserClass::Motorcycle,
        5 => RoadUserClass::Bus,
        7 => RoadUserClass::Truck,
        _ => return None,
    })
}

/// What the scores of a file mean. Detectors put them on scales of their own, and files do not say which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Probabilities, 0 to 1: taken as they are.
    Probability,
    /// Margins of a classifier around 0, as those of deformable part models: s becomes 1 / (1 + e^-s).
    Margin,
    /// Sums of many weak classifiers, as those of the public detections of MOTChallenge 2015, or percentages, from 0
    /// to about 100: s becomes s / (s + 32), and 0 below 0. Where s is 32, half of the boxes of such a file are right;
    /// with probabilities of our own detector it is the same at 0.5.
    Points,
    /// One and the same number for all, so it tells nothing: each counts as 1.
    Constant,
}

impl Scale {
    /// The scale of a file whose scores run from `lowest` to `highest`. This is about the format of a file as a whole,
    /// as its unit of length would be: no box is judged by what comes after it.
    #[must_use]
    pub fn of(lowest: f32, highest: f32) -> Self {
        // A softmax in single precision ends a little above 1.
        if lowest >= 0.0 && highest > 0.0 && highest <= 1.01 {
            Self::Probability
        } else if lowest >= highest {
            Self::Constant
        } else if highest <= 10.0 {
            Self::Margin
        } else {
            Self::Points
        }
    }

    /// The score as a number from 0 to 1. A larger score never becomes a smaller one.
    #[must_use]
    pub fn normalised(self, score: f32) -> f32 {
        match self {
            Self::Probability => score.clamp(0.0, 1.0),
            Self::Margin => 1.0 / (1.0 + (-score).exp()),
            // A score beyond the range of f32 became infinite.
            Self::Points => 1.0 - 32.0 / (score.max(0.0) + 32.0),
            Self::Constant => 1.0,
        }
    }
}

/// Reads a detection file. Detections with a score below `min_score`, which is on the file's own scale, are left out;
/// the others' scores are brought to 0..=1, see [`Scale`].
///
/// # Errors
/// At the first line that is not made of numbers, has too few of them, or has a frame number out of range.
pub fn parse(text: &str, min_score: f32) -> Result<MotDetections, MotError> {
    let mut found = MotDetections::default();
    let (mut lowest, mut highest) = (f32::INFINITY, f32::NEG_INFINITY);
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let (frame, detection) = parse_line(line).map_err(|reason| MotError { line: index + 1, reason })?;
        if let Some(detection) = detection {
            // The scale is the file's, whatever is left out.
            lowest = lowest.min(detection.score);
            highest = highest.max(detection.score);
        }
        match detection {
            Some(detection) if detection.score >= min_score && detection.bbox.is_usable() => {
                found.frames.entry(frame).or_default().push(detection);
            }
            _ => found.skipped += 1,
        }
    }
    let scale = Scale::of(lowest, highest);
    for detection in found.frames.values_mut().flatten() {
        detection.score = scale.normalised(detection.score);
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
    fn scores_of_every_scale_become_numbers_from_0_to_1() {
        let table: [(&[f32], f32, &[f32]); 8] = [
            (&[0.1, 0.9, 0.5], 0.0, &[0.1, 0.9, 0.5]),
            (&[0.1, 0.9, 1.000_001], 0.5, &[0.9, 1.0]),
            (&[-1.0, 0.0, 1.0], -2.0, &[0.268_941, 0.5, 0.731_059]),
            (&[-0.5, 32.0, 96.0], -1.0, &[0.0, 0.5, 0.75]),
            (&[-0.5, 32.0, 96.0], 40.0, &[0.75]),
            (&[1.0, 1.0], 0.0, &[1.0, 1.0]),
            (&[-1.0, -1.0], -1.0, &[1.0, 1.0]),
            (&[0.0, 0.0], 0.0, &[1.0, 1.0]),
        ];
        for (scores, min_score, wanted) in table {
            let text: String =
                scores.iter().flat_map(|s| [format!("1,-1,1,2,3,4,{s}"), "\n".into()]).collect();
            let found: Vec<f32> = parse(&text, min_score).unwrap().of(1).iter().map(|d| d.score).collect();
            let near = found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-5);
            assert!(near && found.len() == wanted.len(), "{scores:?} from {min_score}: {found:?}");
        }
    }

    #[test]
    fn a_score_beyond_all_measure_is_as_sure_as_can_be() {
        let found = parse("1,-1,1,2,3,4,1e300\n1,-1,1,2,3,4,5\n", 0.0).unwrap();
        assert!(found.of(1).iter().any(|detection| (detection.score - 1.0).abs() < 1e-6), "{found:?}");
    }
}
