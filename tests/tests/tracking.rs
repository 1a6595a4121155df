//! The tracker against ground truth: what is promised of it holds on recorded sequences. They are no part of the
//! project; the test is left out, and says so, where they are missing.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_tests::bench::tracking::{Frames, LARGEST_FALL, SEQUENCES, WANTED_MEAN, data, score};
use ngatu_tests::skip::skipped;
use ngatu_tests::stack::StackDir;

#[test]
fn recorded_people_are_followed_as_well_as_promised_also_at_half_the_frame_rate() {
    let Some(data) = data() else {
        return skipped("the tracker on recorded sequences: ../shared/data is missing");
    };
    let dir = StackDir::new("tracking").unwrap();
    let (mut short, mut sum) = (Vec::new(), 0.0);
    for sequence in &SEQUENCES {
        let of = |frames| score(&data, sequence, frames, dir.path()).unwrap();
        let all = of(Frames::All);
        let mut line = format!("{}: HOTA {all:.1}, wanted {}", sequence.name, sequence.wanted);
        let mut fails = all < sequence.wanted;
        if sequence.half.is_some() {
            sum += all;
            let (gaps, renumbered) = (of(Frames::SecondWithGaps), of(Frames::SecondRenumbered));
            line += &format!("; every second frame {gaps:.1}, renumbered {renumbered:.1}");
            fails |= gaps.min(renumbered) < all - LARGEST_FALL;
        }
        println!("{line}");
        if fails {
            short.push(line);
        }
    }
    let mean = sum / 3.0;
    assert!(short.is_empty(), "{}", short.join("\n"));
    assert!(mean >= WANTED_MEAN, "mean HOTA {mean:.1}, wanted {WANTED_MEAN}");
}
