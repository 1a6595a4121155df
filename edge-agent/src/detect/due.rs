//! When the network has to look at a frame: the rule behind the motion gate.

/// Seconds between looks at tracked objects while nothing moves. Well below the tracker's memory of lost tracks, so
/// that an intruder who stands still stays one track.
const REFRESH_S: f64 = 0.5;
/// Seconds between looks while nothing moves and nothing is tracked: finds who stood there before the agent started.
const IDLE_S: f64 = 10.0;
/// Seconds for which tracked objects are looked after when a look misses them: one missed look must not make the camera
/// blind until the next idle one. As long as the scene remembers a path.
const WATCHED_S: f64 = 5.0;
/// Seconds for which the network keeps looking after the last motion: a mover who just stopped is still fading into
/// the background, and a track needs a few looks to settle.
const AFTERGLOW_S: f64 = 1.0;

/// Decides for one camera whether the network looks at a frame.
#[derive(Debug, Clone, Default)]
pub struct Due {
    last_look_s: Option<f64>,
    last_motion_s: Option<f64>,
    last_tracked_s: Option<f64>,
}

impl Due {
    /// Whether the network has to look at the frame of `now_s`, any time that only grows.
    pub fn is_due(&mut self, now_s: f64, moving: bool, tracked: bool) -> bool {
        if moving {
            self.last_motion_s = Some(now_s);
        }
        if tracked {
            self.last_tracked_s = Some(now_s);
        }
        let within =
            |since: Option<f64>, s: f64| since.is_some_and(|since| (0.0..s).contains(&(now_s - since)));
        let patience_s = if self.watches(now_s) { REFRESH_S } else { IDLE_S };
        // Half a millisecond forgives the rounding of timestamps.
        let due = within(self.last_motion_s, AFTERGLOW_S) || !within(self.last_look_s, patience_s - 0.0005);
        if due {
            self.last_look_s = Some(now_s);
        }
        due
    }

    /// Whether something was tracked so lately that it is looked after.
    #[must_use]
    pub fn watches(&self, now_s: f64) -> bool {
        self.last_tracked_s.is_some_and(|since| (0.0..WATCHED_S).contains(&(now_s - since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(frames: impl Iterator<Item = (f64, bool, bool)>) -> usize {
        let mut due = Due::default();
        frames.filter(|&(now_s, moving, tracked)| due.is_due(now_s, moving, tracked)).count()
    }

    fn seconds(n: usize) -> impl Iterator<Item = f64> {
        (0..n * 5).map(|i| i as f64 / 5.0)
    }

    #[test]
    fn one_missed_look_does_not_blind_the_camera_until_the_next_idle_one() {
        // Tracked for 10 s, then missed by every look: looked after for 5 s more, then idle. At 5 fps a look is due every
        // 0.6 s.
        let n = looks(seconds(30).map(|t| (t, false, t < 10.0)));
        assert!((25..=27).contains(&n), "{n} looks");
    }

    #[test]
    fn every_moving_frame_is_looked_at() {
        assert_eq!(looks(seconds(20).map(|s| (s, true, false))), 100);
    }

    #[test]
    fn a_still_empty_scene_is_looked_at_every_ten_seconds() {
        assert_eq!(looks(seconds(60).map(|s| (s, false, false))), 6);
    }

    #[test]
    fn a_standing_intruder_is_looked_at_often_enough_to_stay_one_track() {
        let n = looks(seconds(60).map(|s| (s, false, true)));
        assert!((100..=120).contains(&n), "{n} looks in a minute");
    }

    #[test]
    fn the_network_looks_on_for_a_second_after_the_last_motion() {
        assert_eq!(looks(seconds(4).map(|s| (s, s < 0.1, false))), 5);
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_stop_the_looks() {
        let mut due = Due::default();
        assert!(due.is_due(100.0, false, false));
        assert!(due.is_due(3.0, false, false));
    }
}
