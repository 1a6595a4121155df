//! The center with real servers: a private PostgreSQL and a private Mosquitto in a temporary folder.

mod command_line;
mod ingest;
mod messages;
mod servers;
mod support;
