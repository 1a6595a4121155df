//! The city: areas, and edges with their cameras, zones and rules. It lives in the database, moves in and out as one city file, and
//! each edge is pushed its part.

mod enroll;
mod file;
mod publish;
mod store;

pub use enroll::{EnrollError, Enrolled, devices, enroll, enroll_with_certificate};
pub(crate) use enroll::{give_secret, tell};
pub use file::{CityArea, CityEdge, CityError, CityFile};
pub(crate) use publish::keep_published;
pub use store::{Imported, export, import};
