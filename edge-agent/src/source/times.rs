//! When a live frame was taken, told from its timestamp in the stream.
//!
//! Frames arrive in bursts and late; their timestamps (PTS) are even, but count from anywhere. An anchor ties the two: the
//! first frame was taken when it arrived, and every other one as much later as its timestamp says. The frame that came the
//! fastest is the best anchor, so that one that arrives before it is due moves the anchor. No time lies in the future.

/// Frames that are later than this for [`LATE_US`] have a timestamp that jumped, microseconds.
const JUMP_US: i64 = 1_000_000;
/// After a network's stall the frames that waited come within less, microseconds.
const LATE_US: i64 = 2_000_000;
/// Over so long the least delay is looked for that a slow clock in the camera leaves, microseconds: at 100 parts in a
/// million it is a millisecond.
const DRIFT_OVER_US: i64 = 10_000_000;

/// The times of one stream's frames, microseconds on two axes: that of the timestamps and that of the wall clock.
#[derive(Debug, Clone, Default)]
pub(super) struct FrameTimes {
    anchor: Option<Anchor>,
    /// The last time that was told.
    told_us: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
struct Anchor {
    /// Wall clock less timestamp.
    offset_us: i64,
    last_pts_us: i64,
    last_arrival_us: i64,
    /// Since when the least delay is looked for, and what it is.
    least: (i64, i64),
    /// Since when every frame was later than [`JUMP_US`], and the least delay of them.
    late: Option<(i64, i64)>,
}

impl Anchor {
    fn at(pts_us: i64, arrival_us: i64) -> Anchor {
        Anchor {
            offset_us: arrival_us.saturating_sub(pts_us),
            last_pts_us: pts_us,
            last_arrival_us: arrival_us,
            least: (arrival_us, i64::MAX),
            late: None,
        }
    }

    /// How much later than its timestamp says a frame arrived; negative when it came before.
    fn delay_us(&self, pts_us: i64, arrival_us: i64) -> i64 {
        arrival_us.saturating_sub(pts_us.saturating_add(self.offset_us))
    }

    /// Takes a frame; moves, or is a new one where the stream or the clock broke off.
    fn take(mut self, pts_us: i64, arrival_us: i64) -> Anchor {
        let clock_set = arrival_us < self.last_arrival_us.saturating_sub(JUMP_US);
        let delay_us = self.delay_us(pts_us, arrival_us);
        // A timestamp that does not grow says nothing: a camera that started anew, a loop's begin, a broken counter.
        if clock_set || pts_us <= self.last_pts_us || delay_us < 0 {
            return Anchor::at(pts_us, arrival_us);
        }
        (self.last_pts_us, self.last_arrival_us) = (pts_us, arrival_us);
        if delay_us > JUMP_US {
            let (since_us, least_us) = self.late.unwrap_or((arrival_us, delay_us));
            self.late = Some((since_us, least_us.min(delay_us)));
            if arrival_us - since_us >= LATE_US {
                return Anchor::at(pts_us, arrival_us);
            }
            return self;
        }
        self.late = None;
        let (since_us, least_us) = self.least;
        let least_us = least_us.min(delay_us);
        self.least = (since_us, least_us);
        if arrival_us - since_us >= DRIFT_OVER_US {
            self.offset_us += least_us;
            self.least = (arrival_us, i64::MAX);
        }
        self
    }
}

impl FrameTimes {
    /// When a frame was taken that has this timestamp and arrived at this time: not after that, and after the frame before
    /// it, unless the clock was set back by more than a second.
    pub(super) fn time_us(&mut self, pts_us: Option<i64>, arrival_us: i64) -> i64 {
        let Some(pts_us) = pts_us else {
            self.anchor = None;
            return self.tell(arrival_us, arrival_us);
        };
        let anchor = match self.anchor {
            Some(anchor) => anchor.take(pts_us, arrival_us),
            None => Anchor::at(pts_us, arrival_us),
        };
        self.anchor = Some(anchor);
        self.tell(pts_us.saturating_add(anchor.offset_us), arrival_us)
    }

    fn tell(&mut self, time_us: i64, arrival_us: i64) -> i64 {
        let time_us = time_us.min(arrival_us);
        let grown = self.told_us.filter(|told_us| arrival_us > told_us - JUMP_US);
        let time_us = grown.map_or(time_us, |told_us| time_us.max(told_us + 1));
        self.told_us = Some(time_us);
        time_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Timestamp and arrival of frames, milliseconds.
    type Frames = Vec<(Option<i64>, i64)>;

    /// Times of frames `(timestamp, arrival)`, milliseconds, as what they are later than the first arrival.
    fn times(frames: &Frames) -> Vec<i64> {
        let (mut times, begin) = (FrameTimes::default(), 1_700_000_000_000_i64);
        let tell = |(pts, arrival): &(Option<i64>, i64)| {
            (times.time_us(pts.map(|ms| ms * 1000), (begin + arrival) * 1000) - begin * 1000 + 500)
                .div_euclid(1000)
        };
        frames.iter().map(tell).collect()
    }

    fn stream(frames: impl Iterator<Item = (i64, i64)>) -> Frames {
        frames.map(|(pts, arrival)| (Some(pts), arrival)).collect()
    }

    #[test]
    fn times_are_even_whatever_the_network_does() {
        // Each row: what happens, the frames, and the times that are told.
        let even = |from: i64, n: i64| (0..n).map(move |i| from + 200 * i);
        let table: Vec<(&str, Frames, Vec<i64>)> = vec![
            ("nothing", stream(even(7000, 5).zip(even(0, 5))), even(0, 5).collect()),
            ("jitter", stream(even(0, 6).zip([0, 240, 410, 690, 800, 1030])), even(0, 6).collect()),
            (
                "the first frame came late, so that the second moves the anchor",
                stream(even(0, 5).zip([150, 250, 405, 600, 820])),
                vec![150, 250, 405, 600, 800],
            ),
            (
                "a burst after a stall of 0.9 s",
                stream(even(0, 8).zip([0, 200, 1300, 1301, 1302, 1303, 1304, 1400])),
                even(0, 8).collect(),
            ),
            (
                "a burst after a stall of 3 s",
                stream(
                    even(0, 21)
                        .zip([0, 200].into_iter().chain((0..14).map(|i| 3400 + 20 * i)).chain(even(3700, 5))),
                ),
                even(0, 21).collect(),
            ),
            (
                "timestamps that begin again: reconnected, or a loop",
                stream([(5000, 0), (5200, 200), (0, 450), (200, 650), (400, 850)].into_iter()),
                vec![0, 200, 450, 650, 850],
            ),
            (
                "timestamps that jump ahead by an hour",
                stream([(0, 0), (200, 200), (3_600_400, 410), (3_600_600, 600)].into_iter()),
                vec![0, 200, 410, 600],
            ),
            (
                "timestamps that stand still",
                stream([(0, 0), (0, 200), (0, 400), (0, 600)].into_iter()),
                even(0, 4).collect(),
            ),
            ("no timestamps", vec![(None, 0), (None, 210), (None, 400)], vec![0, 210, 400]),
            (
                "the clock is set back by an hour",
                stream([(0, 3_600_000), (200, 3_600_200), (400, 400), (600, 600)].into_iter()),
                vec![3_600_000, 3_600_200, 400, 600],
            ),
        ];
        for (name, frames, wanted) in table {
            assert_eq!(times(&frames), wanted, "{name}");
        }
    }

    #[test]
    fn a_timestamp_that_stays_behind_is_followed_after_two_seconds() {
        // The camera's counter paused for 5 s: what follows is 5 s late for ever.
        let frames = stream((0..60).map(|i| (200 * i, if i < 10 { 200 * i } else { 200 * i + 5000 })));
        let told = times(&frames);
        for ((_, arrival), told) in frames.iter().zip(&told).skip(21) {
            assert_eq!(arrival, told);
        }
        assert!(told.is_sorted_by(|a, b| a < b), "{told:?}");
    }

    #[test]
    fn a_slow_clock_in_the_camera_does_not_leave_the_times_behind() {
        // 300 parts in a million over an hour are a second.
        let frames = stream((0..18_000).map(|i| (200 * i - 200 * i * 3 / 10_000, 200 * i + i * 37 % 60)));
        let told = times(&frames);
        for ((_, arrival), told) in frames.iter().zip(&told) {
            assert!((0..80).contains(&(arrival - told)), "{arrival} {told}");
        }
    }

    #[test]
    fn whatever_comes_times_grow_and_lie_not_in_the_future() {
        let mut seed = 7_u64;
        let mut roll = |below: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(seed >> 33).unwrap() % below
        };
        let (mut times, mut pts, mut arrival, mut last) = (FrameTimes::default(), 0_i64, 0_i64, i64::MIN);
        for _ in 0..100_000 {
            pts = match roll(100) {
                0 => roll(1_000_000_000) - 500_000_000,
                1 => {
                    if roll(2) == 0 {
                        i64::MAX
                    } else {
                        i64::MIN
                    }
                }
                _ => pts.saturating_add(roll(400_000)),
            };
            arrival += 1 + roll(400_000);
            let told = times.time_us((roll(50) > 0).then_some(pts), arrival);
            assert!(told > last && told <= arrival, "{told} after {last} at {arrival}");
            last = told;
        }
    }
}
