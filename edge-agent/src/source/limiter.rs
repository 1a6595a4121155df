//! Which frames are analysed, told from their timestamps alone, so that the choice is the same on every run.

/// Chooses frames so that their rate over time is the wanted one.
#[derive(Debug, Clone)]
pub(super) struct Limiter {
    interval_s: f64,
    due_s: Option<f64>,
    last_s: f64,
}

impl Limiter {
    /// At most `fps` frames per second; `None` takes every frame.
    pub(super) fn new(fps: Option<f64>) -> Self {
        Self { interval_s: fps.map_or(0.0, |fps| 1.0 / fps), due_s: None, last_s: 0.0 }
    }

    /// Whether the frame of this timestamp, seconds, is taken.
    pub(super) fn takes(&mut self, pts_s: f64) -> bool {
        // A camera's timestamps shake by a few milliseconds; a frame that is a tenth of the interval early counts.
        let tolerance_s = self.interval_s * 0.1;
        let jumped_back = pts_s < self.last_s - 1.0;
        self.last_s = pts_s;
        match self.due_s {
            Some(due_s) if !jumped_back && pts_s + tolerance_s < due_s => false,
            Some(due_s) if !jumped_back && pts_s - due_s < self.interval_s => {
                self.due_s = Some(due_s + self.interval_s);
                true
            }
            _ => {
                self.due_s = Some(pts_s + self.interval_s);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(fps: Option<f64>, pts_s: impl IntoIterator<Item = f64>) -> usize {
        let mut limiter = Limiter::new(fps);
        pts_s.into_iter().filter(|&pts_s| limiter.takes(pts_s)).count()
    }

    #[test]
    fn the_wanted_rate_is_met_on_average() {
        let table = [(25, 5.0, 50), (30, 5.0, 50), (7, 5.0, 50), (15, 4.0, 40), (5, 25.0, 50)];
        for (fps_in, fps, wanted) in table {
            let frames = (0..fps_in * 10).map(|i| f64::from(i) / f64::from(fps_in));
            let got = taken(Some(fps), frames);
            assert!(got.abs_diff(wanted) <= 1, "{fps_in} to {fps}: {got}, wanted {wanted}");
        }
    }

    #[test]
    fn shaking_timestamps_do_not_change_the_rate() {
        let frames = (0..250).map(|i| f64::from(i) / 25.0 + if i % 3 == 0 { 0.012 } else { -0.009 });
        assert!(taken(Some(5.0), frames).abs_diff(50) <= 1);
    }

    #[test]
    fn timestamps_that_start_again_do_not_stop_the_frames() {
        let frames = (0..100).map(|i| f64::from(i % 50) / 5.0);
        assert_eq!(taken(Some(5.0), frames), 100);
    }

    #[test]
    fn without_a_rate_every_frame_is_taken() {
        assert_eq!(taken(None, (0..100).map(|i| f64::from(i) / 25.0)), 100);
    }
}
