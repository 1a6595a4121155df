//! Signing in through an OpenID provider: authorization code, PKCE, nonce and state, through crate `openidconnect`.
//!
//! In the order of a sign-in: `settings` (what `[oidc]` says), `provider` (what is asked of the other side), `flow` (the
//! sign-in that is under way, one row), `mapping` (what its claims give, pure), `person` (who it is here, and the session).
//! What always holds: a flow is used once, by the browser that began it, within 10 minutes; and nothing tells a stranger
//! whether somebody exists here.

pub mod flow;
mod http;
pub mod mapping;
pub mod person;
pub mod provider;
pub mod settings;

pub use provider::Provider;
pub use settings::Settings;
