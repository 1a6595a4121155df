//! `/api/v1/units`: who can be sent.

use super::Shared;
use super::extract::{Json, Path, Query, SignedIn};
use super::page::{self, PageQuery};
use super::problem::{Error, Problem};
use crate::access::Person;
use crate::access::audit::{self, Act};
use crate::access::users::Role;
use crate::clock;
use crate::dispatch::sign::Key;
use crate::dispatch::units::{self, PutError, StoredUnit};
use crate::dispatch::{Channel, Shift, Unit, UnitKind, accept_within};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A unit as it is shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnitShown {
    #[serde(flatten)]
    unit: Unit,
    /// Whether somebody is on duty now.
    on_duty: bool,
    /// Checks the signatures of its webhooks: `whpk_…`, an ed25519 key of Standard Webhooks.
    webhook_public_key: Option<String>,
}

/// A page of the units of your areas.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnitList {
    /// By id.
    items: Vec<UnitShown>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// A unit's settings; all of them, every time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutUnit {
    /// What it is called in Vietnamese.
    #[schema(max_length = 200)]
    name_vi: String,
    /// What it is called in English.
    #[schema(max_length = 200)]
    name_en: String,
    /// What kind of unit it is.
    kind: UnitKind,
    /// The areas that it serves; `*` is the whole city.
    areas: Vec<String>,
    /// How it is reached, in the order in which it is tried; 1 to 8.
    channels: Vec<Channel>,
    /// How long to wait for a reader before the next channel is tried, seconds; 120 when it is left out.
    #[serde(default = "read_within")]
    #[schema(minimum = 1, maximum = 86_400)]
    read_within_s: i32,
    /// How long who has read may take to say whether the unit comes, seconds; 300 when it is left out.
    #[serde(default = "accept_within")]
    #[schema(minimum = 1, maximum = 86_400)]
    accept_within_s: i32,
    /// The units that are asked next when this one does not answer or refuses.
    #[serde(default)]
    fallback: Vec<String>,
    /// Its hours of duty; empty is always.
    #[serde(default)]
    shifts: Vec<Shift>,
    /// Names of the users of role `unit` who see its inbox.
    #[serde(default)]
    members: Vec<String>,
    /// Whether it takes nothing any more.
    #[serde(default)]
    disabled: bool,
}

const fn read_within() -> i32 {
    120
}

pub(super) fn shown(mut stored: StoredUnit, to: &Person) -> UnitShown {
    if to.role != Role::Admin {
        stored.unit.channels = stored.unit.channels.into_iter().map(Channel::masked).collect();
    }
    UnitShown {
        on_duty: stored.unit.is_on_duty(clock::now()),
        webhook_public_key: Key::parse(&stored.webhook_key).ok().and_then(|key| key.public()),
        unit: stored.unit,
    }
}

/// List units
///
/// Those that serve one of your areas. Who is no administrator sees only the host of a webhook.
#[utoipa::path(get, path = "/api/v1/units", operation_id = "list_units", tag = "units",
    params(PageQuery), responses((status = 200, description = "A page of units", body = UnitList)))]
pub(crate) async fn list_units(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<UnitList>, Error> {
    let (limit, after) = (query.limit()?, query.after()?);
    let mut connection = shared.pool().acquire().await?;
    let mut units = units::list(&mut connection, &person.areas).await?;
    units.retain(|stored| after.as_ref().is_none_or(|[after]| stored.unit.id > *after));
    // The database orders by the language's rules, which put a `-` elsewhere.
    units.sort_by(|a, b| a.unit.id.cmp(&b.unit.id));
    let next_cursor = page::cut(&mut units, limit, |stored| page::encode_texts(&[&stored.unit.id]));
    Ok(axum::Json(UnitList {
        items: units.into_iter().map(|unit| shown(unit, &person)).collect(),
        next_cursor,
    }))
}

/// Make or change a unit
#[utoipa::path(put, path = "/api/v1/units/{id}", operation_id = "put_unit", tag = "units",
    params(("id" = String, Path, description = "The unit's id: a-z, 0-9 and -")), request_body = PutUnit,
    responses(
        (status = 200, description = "The unit", body = UnitShown),
        (status = 404, description = "The unit serves areas that are not yours", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something in it cannot be used; `detail` names the key", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn put_unit(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<String>,
    Json(put): Json<PutUnit>,
) -> Result<axum::Json<UnitShown>, Error> {
    let unit = Unit {
        id,
        name_vi: put.name_vi,
        name_en: put.name_en,
        kind: put.kind,
        areas: put.areas,
        channels: put.channels,
        read_within_s: put.read_within_s,
        accept_within_s: put.accept_within_s,
        fallback: put.fallback,
        shifts: put.shifts,
        members: put.members,
        disabled: put.disabled,
    };
    let now = clock::now();
    let mut transaction = shared.pool().begin().await?;
    let known = units::find(&mut transaction, &unit.id).await?;
    let is_own = |unit: &Unit| unit.areas.iter().all(|area| area != "*" && person.areas.sees(Some(area)));
    if !person.areas.is_whole_city() {
        if known.is_some_and(|known| !is_own(&known.unit)) {
            return Err(Error::NotFound("unit"));
        }
        if !is_own(&unit) {
            return Err(Error::Unprocessable("areas: you can give a unit only areas of your own".into()));
        }
    }
    units::put(&mut transaction, &unit, &rand::random(), now).await.map_err(|error| match error {
        PutError::Unusable(reason) => Error::Unprocessable(reason),
        PutError::Database(error) => error.into(),
    })?;
    let detail = json!({ "channels": unit.channels.iter().map(Channel::kind).collect::<Vec<_>>(), "members": unit.members,
        "disabled": unit.disabled });
    let act = Act { actor: Some(person.id), action: "unit.put", subject: &unit.id, detail };
    audit::record_in(&mut transaction, act, now).await?;
    let stored = units::find(&mut transaction, &unit.id).await?.ok_or(Error::NotFound("unit"))?;
    transaction.commit().await?;
    Ok(axum::Json(shown(stored, &person)))
}
