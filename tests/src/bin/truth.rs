//! Plays ground truth scenes and prints what was true beside what was stated: `truth FAMILY [FIRST [COUNT]]`;
//! the family `speed` prints each vehicle's speed beside the true one; `truth quiet SECONDS` plays footage in which nothing
//! happens, again and again for so long, before a camera with a rule of every kind, and prints what it states.
//! `TRUTH_PICTURES=DIR` writes a picture of each second, with boxes and feet of the tracks as the edge saw them;
//! `TRUTH_STEP=1` of each frame.

#![allow(clippy::print_stdout, reason = "a program for people")]

use anyhow::{Context, bail};
use ngatu_scene::BoxPx;
use ngatu_tests::truth::canvas::Canvas;
use ngatu_tests::truth::score::Score;
use ngatu_tests::truth::{FAMILIES, Family, play, quiet, speed};
use std::path::PathBuf;

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let mut number = |usual: u64| words.next().map_or(Ok(usual), |word| word.parse());
    let (first, count) = (number(0).context("FIRST")?, number(1).context("COUNT")?);
    if name == "speed" {
        for one in speed::play(first..first + count)? {
            println!("{one:?} {:.3} {}", one.error(), one.holds());
        }
        return Ok(());
    }
    if name == "quiet" {
        let network = play::network(2)?.context("no network: run `make setup`")?;
        let length_s = u32::try_from(first).context("SECONDS")?;
        let quiet = quiet::play(&network, f64::from(length_s))?;
        quiet.statements.iter().for_each(|statement| println!("stated {statement:?}"));
        let (frames, crossings) = (quiet.frames, quiet.crossings);
        println!("{frames} frames, {:.0} s, {crossings} crossings", quiet.length_s);
        for (stage, mean_ms) in quiet.stages.mean_ms() {
            println!("{stage}: {} times, {mean_ms:.2} ms each", quiet.stages.runs(&stage));
        }
        return Ok(());
    }
    let Some(family) = Family::named(&name) else {
        let names: Vec<_> = FAMILIES.iter().map(|family| family.name).collect();
        bail!("no family `{name}`; there are: {}", names.join(", "));
    };
    let network = play::network(1)?;
    let pictures = std::env::var_os("TRUTH_PICTURES").map(PathBuf::from);
    let step = std::env::var("TRUTH_STEP").ok().and_then(|step| step.parse().ok()).unwrap_or(5).max(1);
    let mut score = Score::default();
    for seed in first..first + count {
        let (scene, missing) = (family.make)(seed)?.built();
        if !missing.is_empty() {
            println!("not built: {missing:?}");
        }
        let (mut seen, mut number) = (Vec::new(), 0);
        let statements = scene.play_and(network.as_ref(), |at_s, output| {
            seen.push((
                at_s,
                number,
                output.tracks.iter().map(|track| (track.id, track.bbox)).collect::<Vec<_>>(),
            ));
            number += 1;
        })?;
        print!("{}", scene.account(&statements));
        score.add(&scene, &statements);
        if let Some(dir) = &pictures {
            for (at_s, number, boxes) in seen.iter().step_by(step) {
                let mut canvas = scene.picture.paint(*at_s, *number);
                boxes.iter().for_each(|(_, bbox)| outline(&mut canvas, *bbox));
                std::fs::write(dir.join(format!("{}-{at_s:05.1}.ppm", scene.name)), canvas.to_ppm())?;
                println!("  {at_s:.1} s: {boxes:?}");
            }
        }
    }
    for (kind, tally) in &score.0 {
        println!("{kind}: {tally}");
    }
    Ok(())
}

/// Draws a box.
fn outline(canvas: &mut Canvas, bbox: BoxPx) {
    let (left, top) = (f64::from(bbox.left), f64::from(bbox.top));
    let (right, bottom) = (left + f64::from(bbox.width), top + f64::from(bbox.height));
    for (a, b, c, d) in [
        (left, top, right, top + 2.0),
        (left, bottom - 2.0, right, bottom),
        (left, top, left + 2.0, bottom),
        (right - 2.0, top, right, bottom),
    ] {
        canvas.fill(&[(a, b), (c, b), (c, d), (a, d)], [210, 40, 200]);
    }
}
