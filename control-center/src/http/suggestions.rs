//! `/api/v1/incidents/{id}/units`: who could be sent to an incident.

use super::Shared;
use super::extract::{Path, SignedIn};
use super::problem::{Error, Problem};
use super::units::{UnitShown, shown};
use crate::clock;
use crate::dispatch::suggest::{self, Need};
use crate::dispatch::{store, units};
use crate::incidents;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A unit that could be sent, and why it stands where it does.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnitSuggestion {
    /// The unit; `on_duty` says whether somebody is there now.
    unit: UnitShown,
    /// Until when it stays on duty, or off duty; none when that does not change.
    duty_until: Option<DateTime<Utc>>,
    /// Whether it serves the incident's area; none when the incident has none.
    serves_area: Option<bool>,
    /// Whether units of its kind are usually sent to such an incident.
    is_usual: bool,
    /// Whether it has this incident already.
    has_it: bool,
    /// Whether it is sent only with `despite`: it is off duty, or does not serve the area.
    needs_reason: bool,
}

/// The units that could be sent to an incident, the best first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnitSuggestions {
    /// All units of your areas that are not disabled.
    items: Vec<UnitSuggestion>,
}

/// List the units that could be sent
///
/// The best first: those on duty that serve the incident's area; of them the kinds that are usually sent to such an incident,
/// and units of just this area before those of the whole city. Units off duty or of other areas come last.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/units", operation_id = "suggest_units", tag = "dispatches",
    params(("id" = Uuid, Path, description = "The incident's id")),
    responses(
        (status = 200, description = "The units, the best first", body = UnitSuggestions),
        (status = 404, description = "There is no such incident in your areas", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn suggest_units(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<UnitSuggestions>, Error> {
    let now = clock::now();
    let mut connection = shared.pool().acquire().await?;
    let incident = incidents::find(&mut connection, id, &person.areas).await?;
    let incident = incident.ok_or(Error::NotFound("incident"))?;
    let mut units = units::list(&mut connection, &person.areas).await?;
    units.retain(|stored| !stored.unit.disabled);
    let need = Need { kind: &incident.kind, area: incident.area.as_deref() };
    suggest::sort(&mut units, |stored| &stored.unit, need, now);
    let under_way = store::under_way(&mut connection, incident.id).await?;
    let items = units.into_iter().map(|stored| {
        let fit = suggest::fit(&stored.unit, need, now);
        UnitSuggestion {
            duty_until: stored.unit.duty_until(now),
            serves_area: fit.serves_area,
            is_usual: fit.is_usual,
            has_it: under_way.contains(&stored.unit.id),
            needs_reason: fit.needs_reason,
            unit: shown(stored, &person),
        }
    });
    Ok(axum::Json(UnitSuggestions { items: items.collect() }))
}
