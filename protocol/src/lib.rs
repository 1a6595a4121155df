//! The words that edge and center exchange: ids, topics, messages, units and their limits.
//!
//! This crate stands between every other pair of crates and depends on none of them. It holds no clock, socket or
//! file: it turns bytes into checked values and back. What always holds: a value of a type in this crate has passed
//! that type's checks, so code behind the border never validates twice.

pub mod batch;
pub mod camera;
pub mod envelope;
pub mod event;
pub mod geometry;
pub mod health;
pub mod homography;
pub mod ids;
pub mod lane;
pub mod observation;
mod salvage;
pub mod schema;
pub mod state;
mod storable;
pub mod topic;
pub mod track;
pub mod why;

pub use batch::{BatchError, Decoded, Rejected};
pub use envelope::{Body, Envelope, Message};
pub use event::{EventData, EventKind, Phase, RoadUserClass};
pub use health::HealthData;
pub use homography::Homography;
pub use ids::{AreaId, CameraId, EdgeId, OutboxId, RuleId, ZoneId};
pub use lane::Lane;
pub use observation::{Direction, ObservationData, Quantity, Statistic};
pub use state::{Ack, EdgeConfig, Loss, LossReason, State};
pub use topic::Topic;
pub use track::{TrackData, TrackPoint};
pub use why::{EndReason, Fact, Measure, Why};
