//! Words of alerts that other decoders of the center use: it looks for them in its `crate::alerts`.

#[path = "../../control-center/src/alerts/person.rs"]
mod person;
#[path = "../../control-center/src/alerts/place.rs"]
mod place;
#[path = "../../control-center/src/alerts/severity.rs"]
mod severity;

pub use person::Person;
pub use place::AlertPlace;
pub use severity::Severity;
