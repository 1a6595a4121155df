//! `/healthz`: the process answers. `/readyz`: every part does its work.

use super::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How one part of the center is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartStatus {
    /// Whether the part does its work.
    pub ready: bool,
    /// Whether it does so less safely than it could.
    pub weak: bool,
    /// For the log and the people who run the center: what it does or what is wrong. Anybody may ask `/readyz`, so it
    /// is not told there.
    pub detail: String,
}

/// The parts by name: `database`, `broker`, …
pub type Parts = BTreeMap<String, PartStatus>;

/// Whether the center can do its work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether every part is ready.
    ready: bool,
    /// Each part: `ready`, `weak` when it works and is less safe than it could be, or `down`.
    parts: BTreeMap<String, PartWord>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartWord {
    Ready,
    Weak,
    Down,
}

/// Whether the process answers
#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "center",
    responses((status = 200, description = "It does", body = String, content_type = "text/plain")))]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether every part does its work
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "center", responses(
    (status = 200, description = "Every part is ready", body = Readiness),
    (status = 503, description = "A part is down, or the center is still starting", body = Readiness)))]
pub(crate) async fn readyz(State(shared): State<Shared>) -> (StatusCode, Json<Readiness>) {
    let parts = shared.parts();
    let ready = !parts.is_empty() && parts.values().all(|part| part.ready);
    let word = |part: &PartStatus| match (part.ready, part.weak) {
        (true, false) => PartWord::Ready,
        (true, true) => PartWord::Weak,
        (false, _) => PartWord::Down,
    };
    let parts = parts.iter().map(|(name, part)| (name.clone(), word(part))).collect();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, parts }))
}
