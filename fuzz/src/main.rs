//! Fuzzes the decoders of foreign bytes. `scripts/fuzz.sh` builds it with libFuzzer's coverage counters, on stable Rust.
//!
//! One program for all targets: the variable `FUZZ_TARGET` names the one to run, `list` prints them. A new target is a
//! row in [`TARGETS`] and a folder of small seeds in `seeds/`. Decoders that are small, or that tell their input apart at its
//! first bytes, share a target: each target costs 30 s of every run. HTTP, MQTT, websocket frames and video are not here:
//! well-kept libraries decode them.

#![no_main]
#![allow(dead_code, reason = "with a decoder comes what only others than this program use of its file")]

mod access;
mod alerts;
mod certificates;
mod city;
mod dispatch;
mod evidence;
#[path = "../../control-center/src/local_time.rs"]
mod local_time;
mod mutate;
mod posted;
mod replay;
mod text;
mod wire;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use ngatu_protocol::Lane;
use std::sync::OnceLock;

type Run = fn(&[u8]);

/// Every decoder of bytes that another machine or person made. A target fails by panicking.
const TARGETS: &[(&str, Run)] = &[
    ("lane-events", |bytes| wire::lane(bytes, Lane::Events)),
    ("lane-health", |bytes| wire::lane(bytes, Lane::Health)),
    ("lane-observations", |bytes| wire::lane(bytes, Lane::Observations)),
    ("lane-tracks", |bytes| wire::lane(bytes, Lane::Tracks)),
    ("state-or-ack", wire::state_or_ack),
    ("edge-config", city::edge_config),
    ("city-file", city::city_file),
    ("picture", evidence::check_picture),
    ("report-form", posted::report),
    ("posted-document", posted::document),
    ("head", access::head),
    ("csr", certificates::request_der),
    ("name", text::name),
    ("webhook", dispatch::webhook),
    ("mot-text", text::mot),
];

static CHOSEN: OnceLock<Run> = OnceLock::new();

#[allow(clippy::print_stdout, reason = "a program for people")]
fn choose() -> Run {
    let wanted = std::env::var("FUZZ_TARGET").unwrap_or_default();
    if let Some((_, run)) = TARGETS.iter().find(|(name, _)| *name == wanted) {
        return *run;
    }
    for (name, _) in TARGETS {
        println!("{name}");
    }
    std::process::exit(if wanted == "list" { 0 } else { 64 });
}

fuzz_target!(
    init: {
        CHOSEN.get_or_init(choose);
    },
    |bytes: &[u8]| {
        CHOSEN.get_or_init(choose)(bytes);
    }
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed)
});
