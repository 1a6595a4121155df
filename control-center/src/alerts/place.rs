//! Where something is, for alerts and for what becomes of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A place on the earth, WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertPlace {
    /// Latitude.
    pub lat: f64,
    /// Longitude.
    pub lon: f64,
}
