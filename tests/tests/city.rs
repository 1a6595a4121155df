//! The test city by itself: what it plays can be decoded, and its knobs do what they say.

#![allow(clippy::unwrap_used, reason = "a test")]

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use ngatu_tests::city::{City, Clip, Mode};
use ngatu_tests::skip::{has_ipv6, skipped};
use std::process::Command;
use std::time::Duration;

struct Viewer {
    pipeline: gst::Pipeline,
    sink: gst_app::AppSink,
}

impl Viewer {
    fn watch(url: &str) -> Viewer {
        gst::init().unwrap();
        let launch = format!(
            "rtspsrc location={url} protocols=tcp latency=0 ! decodebin ! videoconvert \
             ! video/x-raw,format=GRAY8 ! appsink name=out sync=false"
        );
        let pipeline = gst::parse::launch(&launch).unwrap().downcast::<gst::Pipeline>().unwrap();
        let sink = pipeline.by_name("out").unwrap().downcast::<gst_app::AppSink>().unwrap();
        pipeline.set_state(gst::State::Playing).unwrap();
        Viewer { pipeline, sink }
    }

    /// Size and mean brightness of the next frame, if one comes in time.
    fn frame(&self, within: Duration) -> Option<(i32, i32, u64)> {
        let patience = gst::ClockTime::from_mseconds(u64::try_from(within.as_millis()).unwrap());
        let sample = self.sink.try_pull_sample(patience)?;
        let caps = sample.caps()?.structure(0)?.to_owned();
        let map = sample.buffer()?.map_readable().ok()?;
        let mean = map.iter().map(|b| u64::from(*b)).sum::<u64>() / map.len() as u64;
        Some((caps.get("width").ok()?, caps.get("height").ok()?, mean))
    }

    /// Reads until a frame fits, at most `frames`.
    fn until(&self, frames: u32, fits: impl Fn((i32, i32, u64)) -> bool) {
        let mut last = None;
        for _ in 0..frames {
            last = self.frame(Duration::from_secs(5));
            if last.is_some_and(&fits) {
                return;
            }
        }
        panic!("no such frame among {frames}; the last was {last:?}");
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

#[test]
fn the_junction_can_be_watched_and_its_knob_obeys() {
    let city = City::start(0).unwrap();
    let clip = Clip::junction(1).unwrap();
    assert!((clip.length_s() - 60.0).abs() < 0.2, "{}", clip.length_s());
    let knob = city.camera("junction", clip, Mode::Loop);
    let viewer = Viewer::watch(&city.url("junction"));
    viewer.until(250, |(width, height, mean)| (width, height) == (640, 360) && mean > 60);
    knob.turn(Mode::Black);
    viewer.until(250, |(_, _, mean)| mean < 25);
    knob.turn(Mode::Smaller);
    viewer.until(250, |(width, height, mean)| (width, height) == (320, 180) && mean > 60);
    knob.turn(Mode::Loop);
    viewer.until(250, |(width, _, mean)| width == 640 && mean > 60);
    knob.turn(Mode::Stall);
    let mut frames = 0;
    while viewer.frame(Duration::from_millis(1500)).is_some() {
        frames += 1;
        assert!(frames < 40, "a stalled camera goes on sending");
    }
    knob.turn(Mode::Freeze);
    viewer.until(250, |(_, _, mean)| mean > 60);
    knob.turn(Mode::End);
    while viewer.frame(Duration::from_secs(20)).is_some() {}
    assert!(viewer.sink.is_eos(), "the end of the stream is told to the client");
}

#[test]
fn a_machine_without_ipv6_has_a_city_too() {
    const INSIDE: &str = "NGATU_TEST_WITHOUT_IPV6";
    if std::env::var_os(INSIDE).is_some() {
        assert!(!has_ipv6());
        City::start(0).unwrap();
        return;
    }
    // A new network has a loopback device that is down: it takes 127.0.0.1, and knows no ::1.
    let ways: [&[&str]; 2] = [&["--user", "--map-root-user", "--net"], &["--net"]];
    let works = |way: &&&[&str]| {
        Command::new("unshare").args(**way).arg("true").output().is_ok_and(|output| output.status.success())
    };
    let Some(way) = ways.iter().find(works) else {
        return skipped("a machine without IPv6: no network can be made here");
    };
    let output = Command::new("unshare")
        .args(*way)
        .arg(std::env::current_exe().unwrap())
        .args(["a_machine_without_ipv6_has_a_city_too", "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
