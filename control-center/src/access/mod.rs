//! Who someone is and what they may do: people, their sessions, the devices' credentials, and the audit rows.
//!
//! Stands before every handler of [`crate::http`]. What always holds: no secret is stored, only what it can be
//! checked against, and a request without a known person or device behind it reaches no data.

pub mod areas;
pub mod audit;
pub mod chain;
mod claim_code;
pub mod claims;
pub mod devices;
mod key;
pub mod limits;
pub mod oidc;
pub mod passwords;
pub(crate) mod presented;
pub mod role;
pub mod sessions;
pub mod sign_in;
pub mod table;
pub mod tokens;
pub mod users;

pub use areas::AreaScope;
use ngatu_protocol::EdgeId;
use uuid::Uuid;

/// Who is behind a request.
#[derive(Debug, Clone)]
pub enum Identity {
    /// A person with a session.
    Person(Person),
    /// An edge with its device credential.
    Device(EdgeId),
}

/// How a request shows who is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A browser's cookie: it comes along by itself, so the origin counts.
    Session,
    /// An API token: no foreign page can make a browser send one.
    Token,
}

/// A person with a session, or a machine with a token.
#[derive(Debug, Clone)]
pub struct Person {
    /// The user's id.
    pub id: Uuid,
    /// The name to sign in with.
    pub name: String,
    /// The name to show; may be empty.
    pub full_name: String,
    /// What they may do.
    pub role: role::Role,
    /// The part of the city in which they see and do it.
    pub areas: areas::AreaScope,
    /// `vi` or `en`.
    pub language: String,
    /// The session or token that the request came with.
    pub session: sessions::SessionKey,
    /// And how it showed it.
    pub via: Via,
}
