//! The center with real servers: a private PostgreSQL and a private Mosquitto in a temporary folder.

#![allow(clippy::unwrap_used, reason = "a test that unwraps what is absent fails, as it should")]

mod alerts;
mod certificates;
mod command_line;
mod external_broker;
mod ingest;
mod messages;
mod policy;
mod servers;
mod signals;
mod support;
