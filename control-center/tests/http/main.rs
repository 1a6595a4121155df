//! The HTTP surface against a real PostgreSQL: sign-in, roles, origins, lists, evidence, and the live websocket.

mod access;
mod alerts;
mod evidence;
mod harness;
mod lists;
mod live;
mod pages;
mod postgres;
mod sign_in;
