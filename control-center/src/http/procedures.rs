//! `/api/v1/procedures`: what is to be done for each kind of incident.

use super::Shared;
use super::extract::{Json, SignedIn};
use super::problem::{Conflict, Error, Problem};
use crate::access::audit::{self, Act};
use crate::clock;
use crate::incidents::procedure::{self, Procedure};
use crate::incidents::{change_procedures, current_procedures};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The procedures in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Procedures {
    /// One for each kind of incident.
    items: Vec<Procedure>,
}

/// Procedures that are to be in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeProcedures {
    /// Kinds that are not named stay as they are.
    items: Vec<Procedure>,
}

/// List procedures
///
/// The version in force of each kind of incident; 0 is as shipped.
#[utoipa::path(get, path = "/api/v1/procedures", operation_id = "list_procedures", tag = "incidents",
    responses((status = 200, description = "The procedures", body = Procedures)))]
pub(crate) async fn list_procedures(State(shared): State<Shared>) -> Result<axum::Json<Procedures>, Error> {
    let mut connection = shared.pool().acquire().await?;
    Ok(axum::Json(Procedures { items: current_procedures(&mut connection).await? }))
}

/// Change procedures
///
/// Each that differs from the one in force becomes its kind's next version; `version` names the one that it begins from.
/// All are taken, or none. Incidents that are open keep the version that they were opened with.
#[utoipa::path(put, path = "/api/v1/procedures", operation_id = "change_procedures", tag = "incidents",
    request_body = ChangeProcedures,
    responses(
        (status = 200, description = "The procedures in force now", body = Procedures),
        (status = 409, description = "Somebody changed one since that version: `by` says who", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn put_procedures(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Json(change): Json<ChangeProcedures>,
) -> Result<axum::Json<Procedures>, Error> {
    // It holds for the whole city.
    if !person.areas.is_whole_city() {
        return Err(Error::Forbidden);
    }
    let now = clock::now();
    let mut transaction = shared.pool().begin().await?;
    let changed = change_procedures(&mut transaction, &change.items, (true, Some(person.id)), now).await?;
    let changed = changed.map_err(|outdated| {
        let detail = format!("{} is at version {} already", outdated.kind, outdated.version);
        Error::Conflict(Conflict { detail, by: outdated.by, ..Conflict::default() }.into())
    })?;
    let items = current_procedures(&mut transaction).await?;
    // Together: a kind that is not named may claim the same event.
    let errors = procedure::check_all(&items);
    let sent = procedure::check_all(&change.items);
    if let Some(error) = sent.first().or(errors.first()) {
        return Err(Error::Unprocessable(error.to_string()));
    }
    if !changed.is_empty() {
        let kinds: Vec<_> = changed.iter().map(|(kind, version)| format!("{kind} {version}")).collect();
        let detail = serde_json::json!({ "versions": kinds });
        let act = Act { actor: Some(person.id), action: "procedures.change", subject: "procedures", detail };
        audit::record_in(&mut transaction, act, now).await?;
    }
    transaction.commit().await?;
    Ok(axum::Json(Procedures { items }))
}
