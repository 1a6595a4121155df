//! The RTSP server: clips played in real time on a loopback port, shared by all clients of a path.
//!
//! A path's pass begins when its first client comes and again when all had gone. Each path has a [`Knob`] that
//! changes what the camera does while clients watch.

use crate::city::Clip;
use crate::clock;
use crate::skip::has_ipv6;
use anyhow::{Context, bail};
use gstreamer as gst;
use gstreamer::glib;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_rtsp_server as rtsp;
use gstreamer_rtsp_server::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

/// What a camera does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// Plays its clip again and again.
    Loop = 0,
    /// Plays its clip once and then repeats the last frame.
    Once = 1,
    /// Keeps the connection and sends nothing.
    Stall = 2,
    /// Ends the stream.
    End = 3,
    /// Sends a black picture.
    Black = 4,
    /// Repeats the frame that it is at.
    Freeze = 5,
    /// Changes to half the resolution.
    Smaller = 6,
}

impl Mode {
    const ALL: [Mode; 7] =
        [Mode::Loop, Mode::Once, Mode::Stall, Mode::End, Mode::Black, Mode::Freeze, Mode::Smaller];
}

/// Turns a camera's mode while it plays, and tells how far it is.
#[derive(Debug, Clone)]
pub struct Knob {
    mode: Arc<AtomicU8>,
    sent: Arc<AtomicU64>,
}

impl Knob {
    fn new(mode: Mode) -> Knob {
        Knob { mode: Arc::new(AtomicU8::new(mode as u8)), sent: Arc::default() }
    }

    /// Changes what the camera does.
    pub fn turn(&self, mode: Mode) {
        self.mode.store(mode as u8, Ordering::SeqCst);
    }

    /// What the camera does.
    #[must_use]
    pub fn mode(&self) -> Mode {
        Mode::ALL[usize::from(self.mode.load(Ordering::SeqCst))]
    }

    /// Frames sent since the first client of the current pass came.
    #[must_use]
    pub fn frames_sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }
}

/// A running server. Dropping it ends it and all its streams.
#[derive(Debug)]
pub struct City {
    server: rtsp::RTSPServer,
    mounts: rtsp::RTSPMountPoints,
    main: glib::MainLoop,
    thread: Option<std::thread::JoinHandle<()>>,
    port: u16,
    extras: Extras,
}

/// The clips that a knob can switch to.
#[derive(Debug, Clone)]
struct Extras {
    black: Clip,
    smaller: Clip,
}

impl City {
    /// Starts a server on a free loopback port (or the one asked for), over IPv6 too where the machine has that.
    ///
    /// # Errors
    /// When the port is taken or GStreamer lacks a part.
    pub fn start(port: u16) -> anyhow::Result<City> {
        gst::init()?;
        // A port that is free on one address may be somebody's on the other.
        let tries = if port == 0 { 5 } else { 1 };
        let mut started = City::start_on(port);
        for _ in 1..tries {
            if started.is_ok() {
                break;
            }
            started = City::start_on(port);
        }
        started
    }

    fn start_on(port: u16) -> anyhow::Result<City> {
        let extras = Extras { black: Clip::black()?, smaller: Clip::smaller()? };
        let context = glib::MainContext::new();
        let main = glib::MainLoop::new(Some(&context), false);
        let server = rtsp::RTSPServer::new();
        let mounts = server.mount_points().context("a new server has mount points")?;
        let mut port = port;
        for address in ["127.0.0.1", "::1"].into_iter().take(if has_ipv6() { 2 } else { 1 }) {
            server.set_address(address);
            server.set_service(&port.to_string());
            if server.attach(Some(&context)).is_err() {
                bail!("port {port} on {address} is taken");
            }
            port = u16::try_from(server.bound_port()).context("the RTSP server is not bound")?;
        }
        let running = main.clone();
        let thread = std::thread::Builder::new().name("rtsp".into()).spawn(move || {
            let _ = context.with_thread_default(|| running.run());
        })?;
        Ok(City { server, mounts, main, thread: Some(thread), port, extras })
    }

    /// Adds a camera that plays a clip.
    #[must_use]
    pub fn camera(&self, path: &str, clip: Clip, mode: Mode) -> Knob {
        let knob = Knob::new(mode);
        let factory = rtsp::RTSPMediaFactory::new();
        factory.set_shared(true);
        factory.set_launch(
            "( appsrc name=feed is-live=true format=time do-timestamp=true max-bytes=4000000 \
             caps=video/x-h264,stream-format=byte-stream,alignment=au ! h264parse config-interval=-1 \
             ! rtph264pay name=pay0 pt=96 config-interval=-1 )",
        );
        let (extras, turned) = (self.extras.clone(), knob.clone());
        factory.connect_media_configure(move |_, media| {
            let source = media
                .element()
                .downcast::<gst::Bin>()
                .ok()
                .and_then(|bin| bin.by_name("feed"))
                .and_then(|feed| feed.downcast::<gst_app::AppSrc>().ok());
            if let Some(source) = source {
                let player = Player {
                    source: source.downgrade(),
                    clip: clip.clone(),
                    extras: extras.clone(),
                    knob: turned.clone(),
                };
                player.start(&source);
            }
        });
        self.mounts.add_factory(&format!("/{path}"), factory);
        knob
    }

    /// Adds a path that answers RTSP but offers sound only.
    pub fn not_video(&self, path: &str) {
        let factory = rtsp::RTSPMediaFactory::new();
        factory.set_shared(true);
        factory
            .set_launch("( audiotestsrc is-live=true ! audioconvert ! alawenc ! rtppcmapay name=pay0 pt=8 )");
        self.mounts.add_factory(&format!("/{path}"), factory);
    }

    /// Takes a camera away: who asks for it gets "not found"; who watches it keeps watching.
    pub fn remove(&self, path: &str) {
        self.mounts.remove_factory(&format!("/{path}"));
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("rtsp://127.0.0.1:{}/{path}", self.port)
    }

    /// The same over IPv6.
    #[must_use]
    pub fn url_v6(&self, path: &str) -> String {
        format!("rtsp://[::1]:{}/{path}", self.port)
    }
}

impl Drop for City {
    fn drop(&mut self) {
        // Closing the clients first ends the media threads before the process tears GStreamer down.
        let _ = self.server.client_filter(Some(&mut |_, _| rtsp::RTSPFilterResult::Remove));
        // Told inside the loop: one that has not begun yet forgets that it was told.
        let main = self.main.clone();
        let quit = move || {
            main.quit();
            glib::ControlFlow::Break
        };
        glib::idle_source_new(None, glib::Priority::DEFAULT, quit).attach(Some(&self.main.context()));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Player {
    source: glib::WeakRef<gst_app::AppSrc>,
    clip: Clip,
    extras: Extras,
    knob: Knob,
}

impl Player {
    /// Plays from the moment the pipeline asks for data.
    fn start(self, source: &gst_app::AppSrc) {
        let mut waiting = Some(self);
        source.set_callbacks(
            gst_app::AppSrcCallbacks::builder()
                .need_data(move |_, _| {
                    if let Some(player) = waiting.take() {
                        std::thread::spawn(move || player.play());
                    }
                })
                .build(),
        );
    }

    fn play(self) {
        self.knob.sent.store(0, Ordering::SeqCst);
        let pace = Duration::from_secs(1) / self.clip.fps;
        let start = clock::instant();
        let (mut tick, mut next, mut extra) = (0u32, 0usize, 0usize);
        let mut last = self.knob.mode();
        loop {
            let due = start + pace * tick;
            std::thread::sleep(due.saturating_duration_since(clock::instant()));
            tick += 1;
            let Some(source) = self.source.upgrade() else { return };
            let length = self.clip.units.len();
            let mode = self.knob.mode();
            if mode != last {
                // A decoder can take up a changed picture only at a keyframe.
                next = (next..length).find(|i| self.clip.keys[*i]).unwrap_or(if mode == Mode::Once {
                    length
                } else {
                    0
                });
                (last, extra) = (mode, 0);
            }
            let unit = match mode {
                Mode::Loop => take(&self.clip, &mut next, length),
                Mode::Once if next < length => take(&self.clip, &mut next, length + 1),
                // The empty last seconds of a clip hold no motion: repeating its last group shows a standing picture.
                Mode::Once | Mode::Freeze => self.still(next.min(length - 1)),
                Mode::Black => take(&self.extras.black, &mut extra, self.extras.black.units.len()),
                Mode::Smaller => take(&self.extras.smaller, &mut extra, self.extras.smaller.units.len()),
                Mode::Stall => {
                    // A paused pipeline refuses nothing, so only a client that left ends this thread.
                    if source.current_state() == gst::State::Null {
                        return;
                    }
                    continue;
                }
                Mode::End => {
                    let _ = source.end_of_stream();
                    return;
                }
            };
            if source.push_buffer(unit).is_err() {
                return;
            }
            self.knob.sent.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The keyframe at or before `at`: shown again and again it is a picture that stands still.
    fn still(&self, at: usize) -> gst::Buffer {
        let key = (0..=at).rev().find(|i| self.clip.keys[*i]).unwrap_or(0);
        self.clip.units[key].copy()
    }
}

fn take(clip: &Clip, next: &mut usize, wrap: usize) -> gst::Buffer {
    let unit = clip.units[*next % clip.units.len()].copy();
    *next = if *next + 1 >= wrap { 0 } else { *next + 1 };
    unit
}
