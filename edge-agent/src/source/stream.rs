//! One pass over a source with GStreamer: opened, delivering, ended or failed.
//!
//! The decoder is chosen by rank, so that a hardware decoder is taken where there is one. A frame that is not to be
//! analysed is dropped right behind the decoder, before any conversion. The last stage is a slot for one frame.

use super::frame::{Frame, Masks};
use super::limiter::Limiter;
use super::slot::{Slot, Taken};
use super::times::FrameTimes;
use crate::clock;
use chrono::{DateTime, TimeDelta, Utc};
use gstreamer::prelude::*;
use gstreamer::{self as gst, BusSyncReply, MessageView, PadProbeReturn, PadProbeType, glib};
use gstreamer_app::{AppSink, AppSinkCallbacks};
use gstreamer_video::{VideoFrame, VideoInfo, VideoMeta};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// A source that cannot be opened, or that broke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The address cannot be used.
    #[error("address `{url}`: {reason}")]
    Address {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
    /// GStreamer lacks a part or refused the pipeline.
    #[error("cannot open the stream: {0}")]
    Open(String),
    /// The stream broke, or is not video.
    #[error("the stream broke: {0}")]
    Broke(String),
}

/// How frames are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pacing {
    /// In real time, the newest frame only; stamped with the wall clock, as even as the stream's own timestamps.
    Newest,
    /// As fast as they are taken, each one; stamped with the video's own time from 1970 on.
    Exhaustive,
}

/// What to open.
#[derive(Debug, Clone)]
pub struct SourceSpec {
    /// `rtsp://`, `rtsps://`, `file://` or `v4l2://`.
    pub url: String,
    /// How frames are handed over.
    pub pacing: Pacing,
    /// Frames per second to hand over; `None` for all.
    pub fps: Option<f64>,
    /// What is blacked out in each frame.
    pub masks: Masks,
}

/// What [`Stream::next`] found.
pub enum Next {
    /// A frame.
    Frame(Box<Frame>),
    /// Nothing within the time.
    Nothing,
    /// The stream came to its end.
    Ended,
    /// The stream broke.
    Failed(SourceError),
}

/// An open source.
pub struct Stream {
    pipeline: gst::Pipeline,
    slot: Arc<Slot<Frame>>,
    decoded: Arc<AtomicU64>,
    created: Arc<OnceLock<DateTime<Utc>>>,
}

/// The part of an address that GStreamer needs.
enum Place {
    Rtsp(String),
    File(PathBuf),
    Device(String),
}

/// Checks that an address can be used as a source, without opening it.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_url(url: &str) -> Result<(), SourceError> {
    place_of(url).map(|_| ())
}

fn place_of(url: &str) -> Result<Place, SourceError> {
    let bad = |reason: &str| SourceError::Address { url: hide_password(url), reason: reason.into() };
    let parsed = url::Url::parse(url).map_err(|e| bad(&e.to_string()))?;
    match parsed.scheme() {
        "rtsp" | "rtsps" if parsed.host().is_none() => Err(bad("it names no host")),
        "rtsp" | "rtsps" => Ok(Place::Rtsp(url.to_owned())),
        "file" => parsed.to_file_path().map(Place::File).map_err(|()| bad("wanted file:///path")),
        "v4l2" if parsed.path().starts_with("/dev/") => Ok(Place::Device(parsed.path().to_owned())),
        "v4l2" => Err(bad("wanted v4l2:///dev/videoN")),
        _ => Err(bad("wanted rtsp://, rtsps://, file:// or v4l2://")),
    }
}

/// The address as it may stand in a log: cameras carry their password in it.
fn hide_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            // Only addresses without a host refuse a password, and those have none to hide.
            let _ = parsed.set_password(Some("***"));
            parsed.into()
        }
        _ => url.to_owned(),
    }
}

impl Stream {
    /// Opens a source and starts it; what goes wrong later comes out of [`Stream::next`].
    ///
    /// # Errors
    /// When the address cannot be used or GStreamer lacks a part.
    pub fn open(spec: &SourceSpec) -> Result<Stream, SourceError> {
        gst::init().map_err(|e| SourceError::Open(e.to_string()))?;
        let place = place_of(&spec.url)?;
        // A live source is shown as it comes; a file is played by its own clock unless it is read exhaustively.
        let sync = matches!(place, Place::File(_)) && spec.pacing == Pacing::Newest;
        let slot = Arc::new(Slot::new());
        let decoded = Arc::new(AtomicU64::new(0));
        let created = Arc::new(OnceLock::new());

        let pipeline = gst::Pipeline::new();
        let source = make_source(&place)?;
        let decode = make("decodebin")?;
        decode.set_property("caps", gst::Caps::builder("video/x-raw").any_features().build());
        decode.set_property("expose-all-streams", false);
        let convert = make("videoconvert")?;
        let sink = make_sink(spec, sync, &slot);
        let add = pipeline.add_many([&source, &decode, &convert, sink.upcast_ref()]);
        add.and_then(|()| convert.link(&sink)).map_err(|e| SourceError::Open(e.to_string()))?;

        one_thread_a_decoder(&decode);
        take_padded_frames(&convert);
        link_source(&source, &decode, &place)?;
        link_decoder(&decode, &convert, &slot);
        limit(&convert, spec.fps, &decoded);
        watch(&pipeline, &slot, &created);
        let stream = Stream { pipeline, slot, decoded, created };
        if stream.pipeline.set_state(gst::State::Playing).is_err() {
            // The reason is on its way over the bus, and with it a better message than this one.
            stream.slot.end(Some("it cannot be played".into()));
        }
        Ok(stream)
    }

    /// The next frame, waiting for it at most `timeout`.
    #[must_use]
    pub fn next(&self, timeout: Duration) -> Next {
        match self.slot.take(timeout) {
            Taken::Item(frame) => Next::Frame(Box::new(frame)),
            Taken::Nothing => Next::Nothing,
            Taken::End(None) => Next::Ended,
            Taken::End(Some(reason)) => Next::Failed(SourceError::Broke(reason)),
        }
    }

    /// Frames that came out of the decoder so far.
    #[must_use]
    pub fn decoded(&self) -> u64 {
        self.decoded.load(Ordering::Relaxed)
    }

    /// When the video was taken, as far as its file says; known with the first frame.
    #[must_use]
    pub fn created(&self) -> Option<DateTime<Utc>> {
        self.created.get().copied()
    }

    /// The length of the video, where the source knows it.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        self.pipeline.query_duration::<gst::ClockTime>().map(Duration::from)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.slot.close();
        if let Some(bus) = self.pipeline.bus() {
            bus.unset_sync_handler();
        }
        // Stopping waits for the streaming threads; it cannot be refused.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

fn make(name: &str) -> Result<gst::Element, SourceError> {
    gst::ElementFactory::make(name)
        .build()
        .map_err(|_| SourceError::Open(format!("GStreamer has no element `{name}`")))
}

fn make_source(place: &Place) -> Result<gst::Element, SourceError> {
    match place {
        Place::Rtsp(url) => {
            let source = make("rtspsrc")?;
            source.set_property("location", url);
            source.set_property_from_str("protocols", "tcp");
            source.set_property("latency", 100_u32);
            source.set_property("drop-on-latency", true);
            source.set_property("tcp-timeout", 5_000_000_u64);
            // Sound and metadata are not asked for.
            source.connect("select-stream", false, |values| {
                let caps = values.get(2).and_then(|value| value.get::<gst::Caps>().ok());
                let media = caps.as_ref().and_then(|caps| caps.structure(0)?.get::<String>("media").ok());
                Some(media.is_none_or(|media| media == "video").to_value())
            });
            Ok(source)
        }
        Place::File(path) => {
            let source = make("filesrc")?;
            source.set_property("location", path);
            Ok(source)
        }
        Place::Device(device) => {
            let source = make("v4l2src")?;
            source.set_property("device", device);
            Ok(source)
        }
    }
}

fn make_sink(spec: &SourceSpec, sync: bool, slot: &Arc<Slot<Frame>>) -> AppSink {
    let caps = gst::Caps::builder("video/x-raw").field("format", gst::List::new(["I420", "NV12"])).build();
    let on_sample = {
        let (slot, spec, mut times) = (slot.clone(), spec.clone(), FrameTimes::default());
        move |sink: &AppSink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            match read_frame(&sample, &spec, &mut times) {
                Some(frame) if spec.pacing == Pacing::Newest => slot.replace(frame),
                Some(frame) => slot.hand_over(frame),
                None => {
                    slot.end(Some("a frame does not fit its description".into()));
                    return Err(gst::FlowError::Error);
                }
            }
            Ok(gst::FlowSuccess::Ok)
        }
    };
    let on_end = {
        let slot = slot.clone();
        move |_: &AppSink| slot.end(None)
    };
    AppSink::builder()
        .caps(&caps)
        .sync(sync)
        .max_buffers(1)
        .drop(spec.pacing == Pacing::Newest)
        .enable_last_sample(false)
        .callbacks(AppSinkCallbacks::builder().new_sample(on_sample).eos(on_end).build())
        .build()
}

fn read_frame(sample: &gst::Sample, spec: &SourceSpec, times: &mut FrameTimes) -> Option<Frame> {
    let info = VideoInfo::from_caps(sample.caps()?).ok()?;
    let buffer = sample.buffer_owned()?;
    let segment = sample.segment().and_then(|segment| segment.downcast_ref::<gst::ClockTime>());
    let in_stream = |pts| segment.and_then(|segment| segment.to_stream_time(pts)).unwrap_or(pts);
    let pts = buffer.pts().map(in_stream);
    let at = match spec.pacing {
        Pacing::Newest => {
            let pts_us = pts.and_then(|pts| i64::try_from(pts.useconds()).ok());
            let at_us = times.time_us(pts_us, clock::now().timestamp_micros());
            DateTime::from_timestamp_micros(at_us)?
        }
        Pacing::Exhaustive => {
            let pts = pts.unwrap_or(gst::ClockTime::ZERO);
            DateTime::UNIX_EPOCH + TimeDelta::nanoseconds(i64::try_from(pts.nseconds()).ok()?)
        }
    };
    let number = buffer.offset();
    let video = VideoFrame::from_buffer_readable(buffer, &info).ok()?;
    Some(Frame::new(video, spec.masks.clone(), at, number))
}

fn link_source(source: &gst::Element, decode: &gst::Element, place: &Place) -> Result<(), SourceError> {
    if !matches!(place, Place::Rtsp(_)) {
        return source.link(decode).map_err(|e| SourceError::Open(e.to_string()));
    }
    let decode = decode.downgrade();
    source.connect_pad_added(move |_, pad| {
        let entry = decode.upgrade().and_then(|decode| decode.static_pad("sink"));
        if let Some(entry) = entry.filter(|entry| !entry.is_linked()) {
            // A refused link shows as a stream without frames, which the caller notices.
            let _ = pad.link(&entry);
        }
    });
    Ok(())
}

fn link_decoder(decode: &gst::Element, convert: &gst::Element, slot: &Arc<Slot<Frame>>) {
    let entry = convert.static_pad("sink").expect("a converter has a sink pad");
    decode.connect_pad_added({
        let entry = entry.clone();
        move |_, pad| {
            let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
            let is_video = caps.structure(0).is_some_and(|structure| structure.name() == "video/x-raw");
            if is_video && !entry.is_linked() {
                let _ = pad.link(&entry);
            }
        }
    });
    let slot = slot.clone();
    decode.connect_no_more_pads(move |_| {
        if !entry.is_linked() {
            slot.end(Some("it holds no video".into()));
        }
    });
}

/// Cameras run side by side, which costs less memory and delay than decoding one on several cores. A file that is
/// read exhaustively is decoded like a camera, so that it costs the same.
fn one_thread_a_decoder(decode: &gst::Element) {
    let Some(bin) = decode.downcast_ref::<gst::Bin>() else { return };
    bin.connect_element_added(|_, element| {
        // GStreamer's decoders name it alike; 0, the default, is as many as cores.
        if element.find_property("max-threads").is_some_and(|p| p.value_type() == i32::static_type()) {
            element.set_property("max-threads", 1_i32);
        }
    });
}

/// Says that frames may have longer rows and more of them than are shown. Without it a decoder copies every frame out
/// of its own memory, also those that are dropped right behind it, which is a tenth of the cost of decoding. (GStreamer
/// 1.22 still copies where the height is no multiple of 16, such as 1080.)
fn take_padded_frames(convert: &gst::Element) {
    let entry = convert.static_pad("sink").expect("a converter has a sink pad");
    entry.add_probe(PadProbeType::QUERY_DOWNSTREAM, |_, info| {
        if let Some(query) = info.query_mut()
            && let gst::QueryViewMut::Allocation(allocation) = query.view_mut()
        {
            allocation.add_allocation_meta::<VideoMeta>(None);
            return PadProbeReturn::Handled;
        }
        PadProbeReturn::Ok
    });
}

/// Counts the decoded frames and drops those that are not wanted, before they cost anything.
fn limit(convert: &gst::Element, fps: Option<f64>, decoded: &Arc<AtomicU64>) {
    let limiter = Mutex::new(Limiter::new(fps));
    let (decoded, opened) = (decoded.clone(), clock::instant());
    let entry = convert.static_pad("sink").expect("a converter has a sink pad");
    entry.add_probe(PadProbeType::BUFFER, move |_, info| {
        let number = decoded.fetch_add(1, Ordering::Relaxed);
        let pts = info.buffer().and_then(|buffer| buffer.pts());
        let pts_s = pts.map_or_else(
            || clock::instant().duration_since(opened).as_secs_f64(),
            gst::ClockTime::seconds_f64,
        );
        if limiter.lock().unwrap_or_else(PoisonError::into_inner).takes(pts_s) {
            if let Some(buffer) = info.buffer_mut() {
                // The number travels in the buffer's offset, which nothing behind a decoder uses.
                buffer.make_mut().set_offset(number);
            }
            PadProbeReturn::Ok
        } else {
            // Not `Drop`: the bindings own the buffer here, and GStreamer would let go of it a second time.
            PadProbeReturn::Handled
        }
    });
}

/// Ends the slot with the first error that the pipeline reports, and notes when the video was taken.
fn watch(pipeline: &gst::Pipeline, slot: &Arc<Slot<Frame>>, created: &Arc<OnceLock<DateTime<Utc>>>) {
    let (slot, created) = (slot.clone(), created.clone());
    let bus = pipeline.bus().expect("a pipeline has a bus");
    bus.set_sync_handler(move |_, message| {
        match message.view() {
            MessageView::Error(error) => slot.end(Some(describe(&error.error(), error.debug()))),
            MessageView::Tag(tag) => {
                if let Some(at) = tag.tags().get::<gst::tags::DateTime>().and_then(|tag| moment(&tag.get())) {
                    // The first one is the file's; what follows repeats it.
                    created.get_or_init(|| at);
                }
            }
            _ => {}
        }
        BusSyncReply::Drop
    });
}

/// A moment that is known to the second; one of 1970 or 1904 stands for none.
fn moment(tag: &gst::DateTime) -> Option<DateTime<Utc>> {
    let known = tag.has_second();
    let at = DateTime::from_timestamp(tag.to_g_date_time().ok()?.to_unix(), 0)?;
    (known && at > DateTime::UNIX_EPOCH + TimeDelta::days(365)).then_some(at)
}

fn describe(error: &glib::Error, debug: Option<glib::GString>) -> String {
    // GStreamer says that a decoder is missing also when there is nothing but sound.
    let message = match error.kind::<gst::CoreError>() {
        Some(gst::CoreError::MissingPlugin) => "it holds no video that can be decoded here",
        _ => error.message(),
    };
    // The last line of the debug text is where the element says what it met; the rest names source files.
    let detail =
        debug.as_deref().and_then(|text| text.lines().skip(1).last().map(str::trim).map(str::to_owned));
    match detail.filter(|detail| !detail.is_empty() && detail != message) {
        Some(detail) => format!("{message} ({detail})"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_judged_without_opening_them() {
        for good in
            ["rtsp://127.0.0.1:8554/a", "rtsps://[::1]/a", "file:///tmp/a%20b.mp4", "v4l2:///dev/video0"]
        {
            assert_eq!(check_url(good), Ok(()), "{good}");
        }
        for bad in ["rtsp:///a", "http://127.0.0.1/", "v4l2://video0", "no address", "file://elsewhere/a"] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cameras_password_is_not_shown() {
        let error = check_url("http://root:hunter2@127.0.0.1/").unwrap_err().to_string();
        assert!(error.contains("***") && !error.contains("hunter2"), "{error}");
    }
}
