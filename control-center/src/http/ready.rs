//! `/healthz` and `/readyz`.

use std::collections::BTreeMap;

/// How one part of the center is doing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PartStatus {
    /// Whether the part does its work.
    pub ready: bool,
    /// For people: what it does or what is wrong.
    pub detail: String,
}

/// The parts by name: `database`, `broker`, …
pub type Parts = BTreeMap<String, PartStatus>;
