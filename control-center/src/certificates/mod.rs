//! The center's own certificate authority: who a device is, said by a certificate that nobody else can make.
//!
//! Stands beside access: [`Authority`] signs, the store remembers what was signed and what is revoked, the private
//! broker asks for both. What always holds: a certificate names one edge, and its private key need not leave that edge.

mod authority;
mod request;
mod store;

pub use authority::{Authority, CertificateError, Issued, Pair, Validity, write_out};
pub use request::RequestError;
pub(crate) use store::{Full, record, revoke_all, sign};
pub use store::{Revoked, State, state, warn_of_ends};
