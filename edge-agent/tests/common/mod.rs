//! What the tests of the vision share: clips made by GStreamer, recordings that may be missing, a recording delivery.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

use chrono::{DateTime, Utc};
use edge_agent::pipeline::Delivery;
use gstreamer as gst;
use gstreamer::prelude::*;
use ngatu_protocol::{Body, CameraId, EventData, Message};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// Runs a pipeline to its end; `{}` in the description is the path of the file it writes.
pub(crate) fn make_clip(description: &str, file: &Path) {
    gst::init().unwrap();
    let description = description.replace("{}", file.to_str().unwrap());
    let pipeline = gst::parse::launch(&description).unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    let bus = pipeline.bus().unwrap();
    let kinds = [gst::MessageType::Eos, gst::MessageType::Error];
    let message = bus.timed_pop_filtered(gst::ClockTime::from_seconds(120), &kinds);
    pipeline.set_state(gst::State::Null).unwrap();
    match message.as_ref().map(|message| message.view()) {
        Some(gst::MessageView::Eos(_)) => {}
        other => panic!("{description}: {other:?}"),
    }
}

/// A clip of the test picture: `frames` at 25 fps as H.264 in an MPEG transport stream.
pub(crate) fn test_clip(file: &Path, (width, height): (u32, u32), frames: u32, pattern: &str) {
    let description = format!(
        "videotestsrc num-buffers={frames} pattern={pattern} ! video/x-raw,width={width},height={height},framerate=25/1 \
         ! x264enc key-int-max=10 speed-preset=ultrafast ! h264parse ! mpegtsmux ! filesink location={{}}"
    );
    make_clip(&description, file);
}

/// A file of the repository.
pub(crate) fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path)
}

/// A file that the set-up makes or fetches.
pub(crate) fn set_up(path: &str) -> PathBuf {
    let file = own(".setup").join(path);
    assert!(file.exists(), "{} is missing: run `make setup`", file.display());
    file
}

/// A recording beside the repository, which is no part of it: what is missing is said.
pub(crate) fn recording(path: &str) -> Option<PathBuf> {
    let file = own("../shared/data").join(path);
    if file.exists() {
        return Some(file);
    }
    // Straight to the descriptor: the test harness keeps back what a passing test prints.
    let thread = std::thread::current();
    let line = format!("SKIPPED {}: ../shared/data/{path} is missing\n", thread.name().unwrap_or("a test"));
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

pub(crate) fn file_url(path: &Path) -> String {
    url::Url::from_file_path(path).unwrap().into()
}

/// Remembers all that a camera delivers and wakes those who wait for it.
#[derive(Default)]
pub(crate) struct Recording {
    messages: Mutex<Vec<Message>>,
    pictures: Mutex<Vec<(usize, DateTime<Utc>)>>,
    changed: Condvar,
}

impl Recording {
    /// Waits until the events satisfy `wanted`; panics with the last ones seen when they do not in time.
    pub(crate) fn wait_for(&self, what: &str, wanted: impl Fn(&[EventData]) -> bool) -> Vec<EventData> {
        let events = |messages: &Vec<Message>| -> Vec<EventData> {
            let event = |message: &Message| match &message.body {
                Body::Event(event) => Some(event.clone()),
                _ => None,
            };
            messages.iter().filter_map(event).collect()
        };
        let messages = self.messages.lock().unwrap();
        let (messages, _) = self
            .changed
            .wait_timeout_while(messages, Duration::from_secs(120), |messages| !wanted(&events(messages)))
            .unwrap();
        let seen = events(&messages);
        assert!(wanted(&seen), "waited for {what}; last seen: {seen:#?}");
        seen
    }

    pub(crate) fn pictures(&self) -> usize {
        self.pictures.lock().unwrap().len()
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }
}

impl Delivery for Recording {
    fn push(&self, messages: Vec<Message>) {
        self.messages.lock().unwrap().extend(messages);
        self.changed.notify_all();
    }

    fn keep(&self, _: &CameraId, jpeg: &[u8], _: DateTime<Utc>) -> Option<String> {
        assert!(jpeg.starts_with(&[0xff, 0xd8]), "a snapshot is a JPEG");
        Some(format!("sha256:{}", "0".repeat(64)))
    }

    fn newest(&self, _: &CameraId, jpeg: Vec<u8>, taken_at: DateTime<Utc>) {
        self.pictures.lock().unwrap().push((jpeg.len(), taken_at));
        self.changed.notify_all();
    }
}
