//! The HTTP surface against a real PostgreSQL: sign-in, roles, origins, lists, evidence, and the live websocket.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes a test's helpers for no tests; here a panic is a failure"
)]

mod access;
mod alert_steps;
mod alerts;
mod areas;
mod attempts;
mod audit;
mod cap;
mod claim_codes;
mod contract;
mod dispatch;
mod dispatch_after;
mod dispatch_units;
mod document;
mod escalation;
mod evidence;
mod external;
mod hardening;
mod harness;
mod idempotency;
mod incidents;
mod lists;
mod live;
mod matrix;
mod oidc;
mod oidc_refused;
mod pages;
mod policies;
mod postgres;
mod provider;
mod reports;
mod retention;
#[path = "../schema/mod.rs"]
mod schema;
mod sign_in;
mod signals;
mod things;
mod users;
