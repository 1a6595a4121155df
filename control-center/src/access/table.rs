//! The one table of role × path. What is not in it is refused, and a test walks the OpenAPI document to hold the two equal.

use super::Identity;
use super::users::Role;
use axum::http::Method;

/// Who may call a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody, without a credential.
    Anybody,
    /// People of these roles.
    People(&'static [Role]),
    /// Edges with their device credential.
    Devices,
}

/// One row: a method and path, and who may call it.
#[derive(Debug)]
pub struct Row {
    /// The method; `GET` stands for `HEAD` as well.
    pub method: Method,
    /// The path as the router and the OpenAPI document write it.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
}

const EVERY_PERSON: Who = Who::People(&Role::ALL);
const READERS: Who = Who::People(&[Role::Viewer, Role::Operator, Role::Supervisor, Role::Admin]);
const SUPERVISORS: Who = Who::People(&[Role::Supervisor, Role::Admin]);
const OPERATORS: Who = Who::People(&[Role::Operator, Role::Supervisor, Role::Admin]);

const ADMINS: Who = Who::People(&[Role::Admin]);
const UNITS: Who = Who::People(&[Role::Unit]);

const fn row(method: Method, path: &'static str, who: Who) -> Row {
    Row { method, path, who }
}

/// The table.
pub static TABLE: &[Row] = &[
    row(Method::GET, "/healthz", Who::Anybody),
    row(Method::GET, "/readyz", Who::Anybody),
    row(Method::GET, "/api/v1/openapi.json", Who::Anybody),
    row(Method::POST, "/api/v1/session", Who::Anybody),
    row(Method::DELETE, "/api/v1/session", EVERY_PERSON),
    // The sign-in page must know whether to show the provider's button; the way there and back is a stranger's, until
    // the provider has vouched for them. src/access/oidc/ says what holds it together.
    row(Method::GET, "/api/v1/session/ways", Who::Anybody),
    row(Method::GET, "/oidc/start", Who::Anybody),
    row(Method::GET, "/oidc/callback", Who::Anybody),
    row(Method::GET, "/api/v1/me", EVERY_PERSON),
    row(Method::PATCH, "/api/v1/me", EVERY_PERSON),
    row(Method::POST, "/api/v1/me/password", EVERY_PERSON),
    row(Method::GET, "/api/v1/live", READERS),
    row(Method::GET, "/api/v1/alerts", READERS),
    row(Method::GET, "/api/v1/alerts/{id}", READERS),
    row(Method::POST, "/api/v1/alerts/{id}/acknowledge", OPERATORS),
    row(Method::POST, "/api/v1/alerts/{id}/claim", OPERATORS),
    row(Method::POST, "/api/v1/alerts/{id}/release", OPERATORS),
    row(Method::POST, "/api/v1/alerts/{id}/forward", OPERATORS),
    row(Method::POST, "/api/v1/alerts/{id}/shelve", OPERATORS),
    row(Method::POST, "/api/v1/alerts/{id}/unshelve", OPERATORS),
    row(Method::POST, "/api/v1/alerts/{id}/dismiss", OPERATORS),
    row(Method::POST, "/api/v1/alerts/acknowledge", OPERATORS),
    row(Method::GET, "/api/v1/alerts/{id}/log", READERS),
    row(Method::GET, "/api/v1/incidents", READERS),
    row(Method::POST, "/api/v1/incidents", OPERATORS),
    row(Method::GET, "/api/v1/incidents/{id}", READERS),
    row(Method::PATCH, "/api/v1/incidents/{id}", OPERATORS),
    row(Method::POST, "/api/v1/incidents/{id}/take", OPERATORS),
    row(Method::POST, "/api/v1/incidents/{id}/steps/{step}", OPERATORS),
    row(Method::POST, "/api/v1/incidents/{id}/notes", OPERATORS),
    row(Method::POST, "/api/v1/incidents/{id}/resolve", OPERATORS),
    row(Method::POST, "/api/v1/incidents/{id}/close", OPERATORS),
    row(Method::POST, "/api/v1/incidents/{id}/reopen", OPERATORS),
    row(Method::POST, "/api/v1/incidents/{id}/merge", OPERATORS),
    row(Method::POST, "/api/v1/incidents/{id}/split", OPERATORS),
    row(Method::GET, "/api/v1/incidents/{id}/units", READERS),
    row(Method::GET, "/api/v1/procedures", READERS),
    row(Method::PUT, "/api/v1/procedures", SUPERVISORS),
    row(Method::POST, "/api/v1/signals", OPERATORS),
    row(Method::GET, "/api/v1/reports", OPERATORS),
    row(Method::POST, "/api/v1/reports/{number}/link", OPERATORS),
    row(Method::POST, "/api/v1/reports/{number}/reject", OPERATORS),
    row(Method::POST, "/api/v1/reports/{number}/answer", OPERATORS),
    row(Method::POST, "/api/v1/reports/{number}/area", OPERATORS),
    // Citizens have no session: the form, what it is sent to, and its state for who has the key.
    row(Method::GET, "/report", Who::Anybody),
    row(Method::GET, "/report/{number}", Who::Anybody),
    row(Method::GET, "/api/v1/reports/form", Who::Anybody),
    row(Method::POST, "/api/v1/reports", Who::Anybody),
    row(Method::GET, "/api/v1/reports/{number}", Who::Anybody),
    row(Method::GET, "/api/v1/policies", READERS),
    row(Method::POST, "/api/v1/policies", SUPERVISORS),
    row(Method::GET, "/api/v1/policies/{version}", READERS),
    row(Method::POST, "/api/v1/policies/{version}/activate", SUPERVISORS),
    row(Method::POST, "/api/v1/policies/backtest", SUPERVISORS),
    row(Method::GET, "/api/v1/policies/proposals", SUPERVISORS),
    row(Method::GET, "/api/v1/backtests/{id}", SUPERVISORS),
    row(Method::GET, "/api/v1/silences", READERS),
    row(Method::POST, "/api/v1/silences", SUPERVISORS),
    row(Method::DELETE, "/api/v1/silences/{id}", SUPERVISORS),
    row(Method::GET, "/api/v1/statistics/alarm-load", READERS),
    row(Method::GET, "/api/v1/statistics/precision", READERS),
    row(Method::GET, "/api/v1/units", READERS),
    row(Method::PUT, "/api/v1/units/{id}", ADMINS),
    row(Method::GET, "/api/v1/dispatches", READERS),
    row(Method::POST, "/api/v1/dispatches", OPERATORS),
    row(Method::GET, "/api/v1/dispatches/{id}", READERS),
    row(Method::POST, "/api/v1/dispatches/{id}/state", OPERATORS),
    row(Method::GET, "/api/v1/inbox", UNITS),
    row(Method::POST, "/api/v1/inbox/{id}/state", UNITS),
    row(Method::GET, "/api/v1/inbox/{id}/pictures/{digest}", UNITS),
    // The link in a message is its own credential: see src/http/links.rs.
    row(Method::GET, "/link/{token}", Who::Anybody),
    row(Method::POST, "/link/{token}", Who::Anybody),
    row(Method::GET, "/link/{token}/pictures/{digest}", Who::Anybody),
    row(Method::GET, "/cap/v1/feed.atom", READERS),
    row(Method::GET, "/cap/v1/alerts/{file}", READERS),
    row(Method::GET, "/api/v1/cameras", READERS),
    row(Method::GET, "/api/v1/cameras/{edge}/{camera}/picture", READERS),
    row(Method::PUT, "/api/v1/cameras/{edge}/{camera}/picture", Who::Devices),
    row(Method::GET, "/api/v1/edges", READERS),
    row(Method::GET, "/api/v1/events", READERS),
    row(Method::GET, "/api/v1/observations", READERS),
    row(Method::GET, "/api/v1/tracks", READERS),
    row(Method::GET, "/api/v1/ledger", READERS),
    row(Method::GET, "/api/v1/dead-letters", READERS),
    row(Method::GET, "/api/v1/evidence/{digest}", READERS),
    row(Method::PUT, "/api/v1/evidence/{digest}", Who::Devices),
    row(Method::GET, "/api/v1/areas", EVERY_PERSON),
    row(Method::GET, "/api/v1/users", ADMINS),
    row(Method::POST, "/api/v1/users", ADMINS),
    row(Method::GET, "/api/v1/users/{id}", ADMINS),
    row(Method::PATCH, "/api/v1/users/{id}", ADMINS),
    row(Method::DELETE, "/api/v1/users/{id}/sessions", ADMINS),
    row(Method::GET, "/api/v1/tokens", ADMINS),
    row(Method::POST, "/api/v1/tokens", ADMINS),
    row(Method::DELETE, "/api/v1/tokens/{id}", ADMINS),
    row(Method::GET, "/api/v1/audit", SUPERVISORS),
    row(Method::GET, "/api/v1/audit/verification", SUPERVISORS),
    row(Method::POST, "/api/v1/edges/{id}/claim-codes", ADMINS),
    row(Method::DELETE, "/api/v1/edges/{id}/credential", ADMINS),
    row(Method::POST, "/api/v1/edges/{id}/certificate", Who::Devices),
    row(Method::POST, "/api/v1/enroll", Who::Anybody),
];

/// Who may call the path by that method; none when the table does not say.
#[must_use]
pub fn who(method: &Method, path: &str) -> Option<Who> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    TABLE.iter().find(|row| row.method == *method && row.path == path).map(|row| row.who)
}

/// Whether people of a role may call the path by that method.
#[must_use]
pub fn lets_role_in(role: Role, method: &Method, path: &str) -> bool {
    matches!(who(method, path), Some(Who::People(roles)) if roles.contains(&role))
}

/// POSTs that carry or answer a secret: nothing of them is kept to be answered again.
const SECRETS: [&str; 4] =
    ["/api/v1/me/password", "/api/v1/users", "/api/v1/tokens", "/api/v1/edges/{id}/claim-codes"];

/// Whether a POST to the path carries or answers a secret.
#[must_use]
pub fn has_secret(path: &str) -> bool {
    SECRETS.contains(&path)
}

/// Whether citizens and those with a link open the path, who are limited by their address.
#[must_use]
pub fn is_for_strangers(path: &str) -> bool {
    ["/report", "/api/v1/reports", "/link/"].iter().any(|open| path.starts_with(open))
}

/// Whether the table has the path under any method.
#[must_use]
pub fn has_path(path: &str) -> bool {
    TABLE.iter().any(|row| row.path == path)
}

impl Who {
    /// Whether this one may.
    #[must_use]
    pub fn lets_in(self, identity: &Identity) -> bool {
        match (self, identity) {
            (Who::Anybody, _) | (Who::Devices, Identity::Device(_)) => true,
            (Who::People(roles), Identity::Person(person)) => roles.contains(&person.role),
            (Who::People(_), Identity::Device(_)) | (Who::Devices, Identity::Person(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_open_list_is_open() {
        let open: Vec<_> = TABLE.iter().filter(|row| row.who == Who::Anybody).map(|row| row.path).collect();
        // A citizen who reports has no session, so the form, its post and its state are open; limits stand before them.
        let reports = [
            "/report",
            "/report/{number}",
            "/api/v1/reports/form",
            "/api/v1/reports",
            "/api/v1/reports/{number}",
        ];
        let always = ["/healthz", "/readyz", "/api/v1/openapi.json", "/api/v1/session"];
        // Who has a message about a dispatch has its link.
        let links = ["/link/{token}", "/link/{token}", "/link/{token}/pictures/{digest}"];
        let devices = ["/api/v1/enroll"];
        // Signing in at a provider: whether there is one, the way there, and the way back.
        let oidc = ["/api/v1/session/ways", "/oidc/start", "/oidc/callback"];
        assert_eq!(open, [&always[..], &oidc[..], &reports[..], &links[..], &devices[..]].concat());
    }

    #[test]
    fn what_the_table_does_not_name_has_nobody() {
        assert_eq!(who(&Method::POST, "/api/v1/cameras"), None);
        assert_eq!(who(&Method::GET, "/api/v1/passwords"), None);
        assert_eq!(who(&Method::HEAD, "/api/v1/cameras"), Some(READERS));
    }
}
