//! Points in the picture and on the earth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A point in the picture, normalised: x to the right, y down, both 0..=1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Share of the picture's width, 0 left, 1 right.
    pub x: f64,
    /// Share of the picture's height, 0 top, 1 bottom.
    pub y: f64,
}

impl Point {
    /// Checks that the point lies in the picture.
    ///
    /// # Errors
    /// Names `field` when it does not.
    pub fn check(self, field: &str) -> Result<(), String> {
        let fits = |v: f64| (0.0..=1.0).contains(&v);
        if fits(self.x) && fits(self.y) {
            Ok(())
        } else {
            Err(format!("{field} ({}, {}) is outside the picture, 0..=1", self.x, self.y))
        }
    }
}

/// A place on the earth, WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Latitude, -90..=90.
    pub lat: f64,
    /// Longitude, -180..=180.
    pub lon: f64,
}

impl Place {
    /// Checks that latitude and longitude are possible.
    ///
    /// # Errors
    /// Names `field` when they are not.
    pub fn check(self, field: &str) -> Result<(), String> {
        if (-90.0..=90.0).contains(&self.lat) && (-180.0..=180.0).contains(&self.lon) {
            Ok(())
        } else {
            Err(format!("{field} ({}, {}) is not a latitude and longitude", self.lat, self.lon))
        }
    }
}
