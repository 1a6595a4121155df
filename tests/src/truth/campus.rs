//! The real camera: its empty background and the people who were tracked in front of it, both taken from the footage
//! that the set-up fetched.
//!
//! `people.txt` is what the project's own analysis tracked: `frame,person,left,top,width,height`, frames counted from
//! 1, pixels. It is kept, not computed again, so that the truth does not move with the tracker.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixel arithmetic inside small pictures, values clamped before they are narrowed"
)]

use crate::stack::process::repository;
use crate::truth::canvas::{Canvas, Colour};
use anyhow::{Context, ensure};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Width of the footage, pixels.
pub const WIDTH: usize = 768;
/// Height of the footage, pixels.
pub const HEIGHT: usize = 576;

const TRACKED: &str = include_str!("people.txt");
/// Each frame of so many goes into the background's median.
const MEDIAN_STEP: usize = 29;
/// Difference of a colour from the background that belongs to a person.
const DIFFERS: i32 = 16;
/// A person's box is cut with so much around it, share of its height.
const MARGIN: f64 = 0.06;

/// The camera.
#[derive(Debug)]
pub struct Campus {
    /// What it shows when nobody is there.
    pub background: Canvas,
    /// The people, each as the pictures of a walk.
    pub people: Vec<Vec<Sprite>>,
}

/// One person in one frame, cut out.
#[derive(Debug, Clone, PartialEq)]
pub struct Sprite {
    /// Width, pixels.
    pub width: usize,
    /// Height, pixels.
    pub height: usize,
    /// Colour and opacity, row by row.
    pub pixels: Vec<(Colour, u8)>,
    /// Where the foot point is, pixels from the left.
    pub foot_x: f64,
    /// Where the foot point is, pixels from the top.
    pub foot_y: f64,
    /// From the top of the head to the foot point, pixels.
    pub tall: f64,
}

/// Where the footage is.
#[must_use]
pub fn footage() -> PathBuf {
    repository().join(".setup/footage/vtest.avi")
}

/// The height of a standing person whose foot point is at `y`, pixels: a straight line through all tracked people.
#[must_use]
pub fn height_at(y: f64) -> f64 {
    19.9 + 0.228 * y
}

/// The camera, cut once a process.
///
/// # Errors
/// When the footage is missing or is other footage.
pub fn campus() -> anyhow::Result<&'static Campus> {
    static CAMPUS: OnceLock<Result<Campus, String>> = OnceLock::new();
    let made = CAMPUS.get_or_init(|| cut().map_err(|error| format!("{error:#}")));
    made.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}

/// Where somebody is in the footage.
struct Place {
    frame: usize,
    person: usize,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

fn cut() -> anyhow::Result<Campus> {
    let places: Vec<Place> = TRACKED.lines().map(place).collect::<Option<_>>().context("people.txt")?;
    let (mut samples, mut cuts) = (Vec::new(), Vec::new());
    let frames = each_frame(|number, frame| {
        if number.is_multiple_of(MEDIAN_STEP) {
            samples.push(frame.clone());
        }
        for place in places.iter().filter(|place| place.frame == number + 1) {
            let rows = place.top..place.top + place.height;
            let pixels = rows.flat_map(|y| (place.left..place.left + place.width).map(move |x| (x, y)));
            cuts.push((place, pixels.map(|(x, y)| frame.at(x, y)).collect::<Vec<_>>()));
        }
    })?;
    ensure!(frames > 750, "the footage has {frames} frames");
    let background = median(&samples);
    let count = places.iter().map(|place| place.person + 1).max().unwrap_or(0);
    let mut people = vec![Vec::new(); count];
    for (place, pixels) in cuts {
        people[place.person].extend(sprite(place, &pixels, &background));
    }
    ensure!(people.iter().all(|walk| walk.len() >= 10), "somebody could not be cut out");
    Ok(Campus { background, people })
}

fn place(line: &str) -> Option<Place> {
    let numbers: Vec<i64> = line.split(',').map(|n| n.trim().parse().ok()).collect::<Option<_>>()?;
    let [frame, person, left, top, width, height] = numbers[..] else { return None };
    let margin = (height as f64 * MARGIN) as i64;
    // The feet are at the box's lower edge and a shoe may reach below it.
    let (right, bottom) =
        ((left + width + margin).min(WIDTH as i64), (top + height + margin).min(HEIGHT as i64));
    let (left, top) = ((left - margin).max(0), (top - margin).max(0));
    Some(Place {
        frame: frame as usize,
        person: person as usize,
        left: left as usize,
        top: top as usize,
        width: (right - left) as usize,
        height: (bottom - top) as usize,
    })
}

/// Decodes the footage; returns how many frames it has.
fn each_frame(mut take: impl FnMut(usize, &Canvas)) -> anyhow::Result<usize> {
    let path = footage();
    ensure!(path.exists(), "no footage at {}: run `make setup`", path.display());
    gst::init()?;
    let launch = "filesrc name=in ! decodebin ! videoconvert ! video/x-raw,format=I420,width=768,height=576 \
                  ! appsink name=out sync=false max-buffers=2";
    let pipeline = gst::parse::launch(launch)?.downcast::<gst::Pipeline>();
    let pipeline = pipeline.map_err(|_| anyhow::anyhow!("a launch line makes a pipeline"))?;
    pipeline.by_name("in").context("the file source")?.set_property("location", path);
    let sink =
        pipeline.by_name("out").and_then(|e| e.downcast::<gst_app::AppSink>().ok()).context("the sink")?;
    pipeline.set_state(gst::State::Playing)?;
    let mut frames = 0;
    while let Ok(sample) = sink.pull_sample() {
        let buffer = sample.buffer().context("a sample has a buffer")?;
        let planes = buffer.map_readable()?.to_vec();
        ensure!(planes.len() == WIDTH * HEIGHT / 2 * 3, "a frame has {} bytes", planes.len());
        take(frames, &Canvas { width: WIDTH, height: HEIGHT, planes });
        frames += 1;
    }
    pipeline.set_state(gst::State::Null)?;
    Ok(frames)
}

fn median(samples: &[Canvas]) -> Canvas {
    let mut values = vec![0_u8; samples.len()];
    let planes = (0..samples[0].planes.len()).map(|i| {
        for (value, sample) in values.iter_mut().zip(samples) {
            *value = sample.planes[i];
        }
        let middle = values.len() / 2;
        *values.select_nth_unstable(middle).1
    });
    let planes = planes.collect();
    Canvas { planes, ..samples[0].clone() }
}

/// Cuts out what differs from the background, as one piece with soft edges.
fn sprite(place: &Place, pixels: &[Colour], background: &Canvas) -> Option<Sprite> {
    let (width, height) = (place.width, place.height);
    let differs = |i: usize| {
        let back = background.at(place.left + i % width, place.top + i / width);
        let apart = |k: usize| (i32::from(pixels[i][k]) - i32::from(back[k])).abs();
        apart(0).max(2 * apart(1)).max(2 * apart(2)) > DIFFERS
    };
    let mask = Mask { width, height, set: (0..width * height).map(differs).collect() };
    // Closed, so that trousers of the road's colour stay; then what is thin and level goes: a barrier's fluttering tape.
    let mask = mask.grown(2, 2).shrunk(2, 2).shrunk(0, 3).grown(0, 3).largest_piece();
    let rows: Vec<usize> = (0..height).filter(|y| (0..width).any(|x| mask.is_set(x, *y))).collect();
    let columns: Vec<usize> = (0..width).filter(|x| (0..height).any(|y| mask.is_set(*x, y))).collect();
    let (top, bottom) = (*rows.first()?, *rows.last()? + 1);
    let (left, right) = (*columns.first()?, *columns.last()? + 1);
    if ((bottom - top) as f64) < 0.75 * height as f64 {
        return None;
    }
    let pixels = (0..width * height).map(|i| (pixels[i], mask.softness(i % width, i / width))).collect();
    Some(Sprite {
        width,
        height,
        pixels,
        foot_x: (left + right) as f64 / 2.0,
        foot_y: bottom as f64,
        tall: (bottom - top) as f64,
    })
}

/// Which pixels belong to something.
struct Mask {
    width: usize,
    height: usize,
    set: Vec<bool>,
}

impl Mask {
    fn is_set(&self, x: usize, y: usize) -> bool {
        self.set[y * self.width + x]
    }

    /// The pixels that are set within so many pixels.
    fn near(&self, x: usize, y: usize, (reach_x, reach_y): (usize, usize)) -> usize {
        let columns = x.saturating_sub(reach_x)..(x + reach_x + 1).min(self.width);
        let rows = y.saturating_sub(reach_y)..(y + reach_y + 1).min(self.height);
        rows.map(|row| columns.clone().filter(|column| self.is_set(*column, row)).count()).sum()
    }

    fn map(&self, set: impl Fn(usize, usize) -> bool) -> Mask {
        let (width, height) = (self.width, self.height);
        Mask { width, height, set: (0..width * height).map(|i| set(i % width, i / width)).collect() }
    }

    fn grown(&self, reach_x: usize, reach_y: usize) -> Mask {
        self.map(|x, y| self.near(x, y, (reach_x, reach_y)) > 0)
    }

    /// Outside counts as set, so that feet at the lower border stay.
    fn shrunk(&self, reach_x: usize, reach_y: usize) -> Mask {
        self.map(|x, y| {
            let columns = (x + reach_x + 1).min(self.width) - x.saturating_sub(reach_x);
            let rows = (y + reach_y + 1).min(self.height) - y.saturating_sub(reach_y);
            self.near(x, y, (reach_x, reach_y)) == columns * rows
        })
    }

    fn largest_piece(&self) -> Mask {
        let mut piece_of = vec![0_usize; self.set.len()];
        let (mut best, mut best_size, mut pieces) = (0, 0, 0);
        for start in 0..self.set.len() {
            if !self.set[start] || piece_of[start] > 0 {
                continue;
            }
            pieces += 1;
            let (mut open, mut size) = (vec![start], 0);
            piece_of[start] = pieces;
            while let Some(i) = open.pop() {
                size += 1;
                let (x, y) = (i % self.width, i / self.width);
                let left = (x > 0).then(|| i - 1);
                let right = (x + 1 < self.width).then_some(i + 1);
                let up = (y > 0).then(|| i - self.width);
                let down = (y + 1 < self.height).then_some(i + self.width);
                for next in [left, right, up, down].into_iter().flatten() {
                    if self.set[next] && piece_of[next] == 0 {
                        piece_of[next] = pieces;
                        open.push(next);
                    }
                }
            }
            if size > best_size {
                (best, best_size) = (pieces, size);
            }
        }
        self.map(|x, y| best > 0 && piece_of[y * self.width + x] == best)
    }

    /// Opacity: full inside, falling over the pixels of the edge.
    fn softness(&self, x: usize, y: usize) -> u8 {
        (self.near(x, y, (1, 1)) * 255 / 9) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_was_tracked_is_cut_out_upright_and_whole() {
        let campus = campus().unwrap();
        assert_eq!(campus.people.len(), 6);
        for (person, walk) in campus.people.iter().enumerate() {
            for sprite in walk {
                let seen = sprite.pixels.iter().filter(|(_, opacity)| *opacity > 127).count();
                let share = seen as f64 / (sprite.width * sprite.height) as f64;
                assert!((0.2..0.8).contains(&share), "person {person}: {share} of the box");
                assert!(sprite.tall > 1.4 * sprite.width as f64 * 0.8, "person {person} is not upright");
            }
        }
    }
}
