//! A camera over RTSP, from a real server on a free port that goes away and comes back.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

mod common;

use common::Recording;
use edge_agent::config::{DetectorSettings, SourceSettings};
use edge_agent::fleet::Fleet;
use gstreamer as gst;
use gstreamer_rtsp_server::prelude::*;
use gstreamer_rtsp_server::{RTSPMediaFactory, RTSPServer};
use ngatu_protocol::{EventData, EventKind, Phase};
use std::sync::Arc;
use std::time::Duration;

/// An RTSP server with a moving test picture and sound at `/camera`.
struct Server {
    port: u16,
    main_loop: gst::glib::MainLoop,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Port 0 takes a free one.
    fn start(port: u16) -> Server {
        gst::init().unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let context = gst::glib::MainContext::new();
            let main_loop = gst::glib::MainLoop::new(Some(&context), false);
            let server = RTSPServer::new();
            server.set_address("127.0.0.1");
            server.set_service(&port.to_string());
            let factory = RTSPMediaFactory::new();
            factory.set_launch(
                "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1 \
                 ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 \
                 audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay1 )",
            );
            factory.set_shared(true);
            server.mount_points().unwrap().add_factory("/camera", factory);
            server.attach(Some(&context)).unwrap();
            sender.send((u16::try_from(server.bound_port()).unwrap(), main_loop.clone())).unwrap();
            main_loop.run();
            server.client_filter(Some(&mut |_, _| gstreamer_rtsp_server::RTSPFilterResult::Remove));
            // The context goes with its sources, and with them the port.
        });
        let (port, main_loop) = receiver.recv().unwrap();
        Server { port, main_loop, thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.main_loop.quit();
        self.thread.take().unwrap().join().unwrap();
    }
}

#[test]
fn a_camera_that_goes_away_is_lost_and_comes_back() {
    let server = Server::start(0);
    let port = server.port;
    let text = format!(
        "id = \"gate\"\nname = \"Gate\"\nurl = \"rtsp://127.0.0.1:{port}/camera\"\ndetector = \"motion\"\n\
         analysis_fps = 10\n[[zone]]\nid = \"all\"\npoints = [[0,0],[1,0],[1,1],[0,1]]\n\
         [[rule]]\nkind = \"intrusion\"\nzone = \"all\""
    );
    let camera = toml::from_str(&text).unwrap();
    let recording = Arc::new(Recording::default());
    // Longer than a busy machine takes to begin.
    let source = SourceSettings { stall_after: Duration::from_secs(5), lost_after: Duration::from_secs(3) };
    let mut fleet = Fleet::new(DetectorSettings::default(), source, recording.clone());
    fleet.apply(1, &[camera]).unwrap();
    let has = |events: &[EventData], kind, phase| events.iter().any(|e| e.kind == kind && e.phase == phase);
    let losses = |events: &[EventData], phase| {
        events.iter().filter(|e| e.kind == EventKind::CameraLost && e.phase == phase).count()
    };
    let seen = recording.wait_for("an intrusion", |events| has(events, EventKind::Intrusion, Phase::Start));
    let before = losses(&seen, Phase::Start);
    drop(server);
    recording.wait_for("the loss", |events| losses(events, Phase::Start) > before);
    recording.wait_for("the intrusion's end", |events| has(events, EventKind::Intrusion, Phase::End));
    let server = Server::start(port);
    recording.wait_for("the return", |events| {
        let ends = losses(events, Phase::End);
        ends > before && ends == losses(events, Phase::Start)
    });
    let health = fleet.health(Duration::from_secs(1));
    let health = health.values().next().unwrap();
    assert!(health.online && health.restarts > 0 && health.error.is_none(), "{health:?}");
    fleet.stop();
    drop(server);
}
