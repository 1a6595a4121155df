//! Incidents: the cases that people work. They group alerts, citizens' reports and sensors' readings, and have steps, an
//! owner, clocks and a verdict.
//!
//! Stands between [`crate::alerts`] and dispatch. `machine`, `clocks`, `merge` and `procedure` are pure; `store` keeps
//! incidents and their log, `gather` opens them and lets sources join, `work` is what people do to them, `regroup`
//! merges and splits, `escalate` calls when a clock has run out. `signal` and `signals` are what sensors and other systems
//! say, `reports` what citizens do, with their pictures cleaned by `picture`; `report_bell` tells screens of it.
//!
//! What always holds: every change of an incident is one row of `incident_log`, numbered under one lock in the changing
//! transaction, so that numbers are dense and visible in order; no row of it is ever changed. Whoever holds the lock of
//! the alert log may take this one, never the other way round.

pub mod clocks;
mod defaults;
pub mod escalate;
mod gather;
pub mod machine;
pub mod merge;
mod model;
pub mod picture;
pub mod procedure;
mod procedures;
mod regroup;
mod report_bell;
pub mod report_triage;
pub mod reports;
mod signal;
mod signals;
pub mod signals_mqtt;
mod store;
pub mod text;
mod view;
mod work;

pub use defaults::procedures as shipped_procedures;
pub use escalate::supervisors;
pub use gather::{
    Gathered, NewIncident, NewSource, area_near, from_alert, gather, heed_graver, open, open_from_alert,
};
pub use model::{
    Incident, IncidentChange, IncidentEntry, IncidentEvidence, Origin, Source, SourceKind, Status, Step,
    Verdict, View,
};
pub use procedures::{Outdated, change_procedures, current_procedures, procedure_of};
pub use regroup::{Part, merge, split};
pub(crate) use report_bell::ReportBell;
pub use report_bell::ReportChange;
pub use signal::{Signal, SignalSource, Threshold};
pub use signals::{
    PACE, SignalError, Speaker, Taken, may_speak, set_signal_sources, signal_sources, take_signal,
};
pub(crate) use store::SELECT;
pub use store::{begin, find, lock};
pub use view::{view, with_evidence};
pub use work::{Actor, Moved, WorkError, append, audited, dispatched, do_act, on_scene};
