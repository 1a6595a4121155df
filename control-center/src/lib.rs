//! The control center: from messages of edges to alerts on operators' screens.
//!
//! The folders stand in the order of the data: broker, ingest, database, policy, alerts, incidents, live, http.
//! Only `app` knows all stages.

mod causes;
pub mod clock;
mod local_time;

pub mod alerts;
pub mod app;
pub mod backtest;
pub mod broker;
pub mod certificates;
pub mod city;
pub mod config;
pub mod database;
pub mod dispatch;
pub mod incidents;
pub mod ingest;
pub mod policy;
pub mod supervise;

pub mod access;
pub mod evidence;
pub mod http;
pub mod live;
