//! Whether the picture still changes. A real sensor has noise, so its picture never stays the same to the bit; but an
//! encoder at a low rate may repeat a still night scene for seconds, and a drawn scene has no noise at all. So a standing
//! picture counts as frozen only for a camera whose picture was seen to change nearly always, and only when it stands
//! several times longer than it ever did before.

use crate::detect::DetectError;
use opencv::core::{self, Mat};
use opencv::prelude::*;

/// Changes that must have been seen before a standing picture says anything.
const CHANGES_TO_KNOW: u32 = 60;
/// At most one of so many measurements may have shown the same picture again.
const SAME_ONE_OF: u32 = 20;
/// A frozen picture stands so many times longer than the longest stand before.
const LONGER_THAN_USUAL: f64 = 4.0;
/// A stand that ended before was no fault, seconds.
const FAULT_S: f64 = 10.0;
/// Older measurements fade when there are more than this.
const FADE_AT: u32 = 4096;

#[derive(Clone, Default)]
pub(super) struct Life {
    before: Mat,
    since_s: f64,
    last_s: f64,
    changed: u32,
    /// Measurements that showed the same picture again, in stands that ended.
    same: u32,
    /// The same in the present stand.
    standing: u32,
    longest_s: f64,
}

impl Life {
    /// How long the picture has stood at this moment, seconds, whether or not that says anything.
    pub(super) fn stood_s(&self, now_s: f64) -> f64 {
        (now_s - self.since_s).max(0.0)
    }

    /// Whether the picture was never seen to change.
    pub(super) fn never_changed(&self) -> bool {
        self.changed <= 1
    }

    /// Seconds for which the picture has not changed by a bit; 0 where standing still says nothing.
    pub(super) fn look(&mut self, luma: &Mat, now_s: f64) -> Result<f64, DetectError> {
        let same = self.before.size()? == luma.size()?
            && core::norm2_def(luma, &self.before)? <= 0.0
            && now_s >= self.last_s;
        self.last_s = now_s;
        if same {
            self.standing += 1;
            return Ok(self.frozen_s(now_s));
        }
        // A short stand is usual for this camera; only a long one was a fault.
        let short = now_s - self.since_s < FAULT_S;
        if self.standing > 0 && (short || self.frozen_s(now_s) <= 0.0) {
            self.longest_s = self.longest_s.max(now_s - self.since_s);
            self.same += self.standing;
        }
        self.standing = 0;
        self.changed += 1;
        if self.changed > FADE_AT {
            (self.changed, self.same) = (self.changed / 2, self.same / 2);
        }
        self.since_s = now_s;
        luma.copy_to(&mut self.before)?;
        Ok(0.0)
    }

    fn frozen_s(&self, now_s: f64) -> f64 {
        let stands_s = now_s - self.since_s;
        let alive = self.changed >= CHANGES_TO_KNOW && self.same * SAME_ONE_OF <= self.changed;
        if alive && stands_s >= LONGER_THAN_USUAL * self.longest_s { stands_s } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencv::core::{CV_8U, Scalar};

    /// The longest freeze told, and its last value, of pictures that are given by number, two a second.
    fn frozen(pictures: impl Iterator<Item = u32>) -> (f64, f64) {
        let (mut life, mut longest, mut last) = (Life::default(), 0.0_f64, 0.0);
        for (i, number) in pictures.enumerate() {
            let luma =
                Mat::new_rows_cols_with_default(4, 4, CV_8U, Scalar::all(f64::from(number % 251))).unwrap();
            last = life.look(&luma, i as f64 / 2.0).unwrap();
            longest = longest.max(last);
        }
        (longest, last)
    }

    #[test]
    fn a_living_picture_that_stands_is_frozen_until_it_changes() {
        let living = || 0..80_u32;
        let (longest, last) = frozen(living().chain([79; 30]));
        assert!((longest, last) == (15.0, 15.0), "{longest} {last}");
        assert!(frozen(living().chain([79; 30]).chain([5])) == (15.0, 0.0));
    }

    #[test]
    fn a_picture_without_noise_is_never_frozen() {
        assert!(frozen((0..400_u32).map(|i| i / 10)) == (0.0, 0.0), "it stood often");
        assert!(frozen([0; 400].into_iter()) == (0.0, 0.0), "it never changed");
        // A stand of 6 s was usual here, so one of 15 s says nothing.
        let (longest, _) = frozen((0..300_u32).chain([299; 12]).chain(300..600).chain([599; 30]));
        assert!(longest <= 6.0, "{longest}");
    }
}
