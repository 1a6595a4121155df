//! Trying a policy, or a zone and rule of a camera, on what is stored: how many alerts would it have raised?
//!
//! `rule` plays stored tracks through the very rules that the edge runs; `policy::backtest` judges the events as ingest
//! does; `job` reads, reports its progress and keeps the answer.

pub mod job;
pub mod rule;
