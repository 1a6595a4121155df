//! Signals in the database: stored once, and joined to the incident that they speak of in the same transaction.

use super::gather::{NewSource, area_near, gather};
use super::model::{Incident, SourceKind};
use super::procedures::current;
use super::signal::{Signal, SignalSource};
use super::store;
use crate::access::AreaScope;
use crate::access::limits::Quota;
use crate::alerts::Severity;
use chrono::{DateTime, SubsecRound as _, Utc};
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use std::time::Duration;
use uuid::Uuid;

/// What became of a signal.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Whether it was stored now, and not before.
    pub is_new: bool,
    /// How grave an incident it is; none for a reading only.
    pub severity: Option<Severity>,
    /// The incident that it joined or opened.
    pub incident: Option<Incident>,
}

/// Why a signal was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SignalError {
    /// It cannot be used.
    #[error("{0}")]
    Invalid(String),
    /// The database failed.
    #[error("store the signal: {0}")]
    Database(#[from] sqlx::Error),
}

/// How often one source may speak, by whatever way: a burst of what it has kept, and ten readings a second.
pub const PACE: Quota = Quota { burst: 600, every: Duration::from_millis(100) };

/// Who wants to speak for a source over HTTP.
#[derive(Debug, Clone, Copy)]
pub enum Speaker<'a> {
    /// A person of this name.
    Person(&'a str),
    /// A machine with a token: its id and the token's name.
    Machine(Uuid, &'a str),
}

/// Whether somebody may speak for a source. Where the city names its senders, these and nobody else. Otherwise every person
/// who may send signals; of machines those alone whose token was made for the source.
///
/// # Errors
/// When the database fails.
pub async fn may_speak(
    connection: &mut PgConnection,
    source: &str,
    speaker: Speaker<'_>,
) -> Result<bool, sqlx::Error> {
    let known: Option<Json<SignalSource>> =
        sqlx::query_scalar("select body from signal_sources where id = $1")
            .bind(source)
            .fetch_optional(&mut *connection)
            .await?;
    let senders = known.map(|known| known.0.senders).unwrap_or_default();
    match speaker {
        Speaker::Person(name) | Speaker::Machine(_, name) if !senders.is_empty() => {
            Ok(senders.iter().any(|sender| sender == name))
        }
        Speaker::Person(_) => Ok(true),
        Speaker::Machine(id, _) => {
            sqlx::query_scalar(
                r#"select exists (select from api_tokens where "user" = $1 and $2 = any(sources))"#,
            )
            .bind(id)
            .bind(source)
            .fetch_one(connection)
            .await
        }
    }
}

/// Takes a signal of a source; `actor` is whose credential sent it, if a person's did. Taking it again changes nothing.
///
/// # Errors
/// When it cannot be used, or the database fails; then the transaction is to be given up.
pub async fn take_signal(
    connection: &mut PgConnection,
    source: &str,
    signal: Signal,
    actor: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Taken, SignalError> {
    let now = now.trunc_subsecs(6);
    let signal = signal.check(now).map_err(SignalError::Invalid)?;
    store::lock(connection).await?;
    let known: Option<(Option<Uuid>, Option<String>)> =
        sqlx::query_as("select incident, severity from signals where source = $1 and id = $2")
            .bind(source)
            .bind(&signal.id)
            .fetch_optional(&mut *connection)
            .await?;
    if let Some((incident, severity)) = known {
        let incident = match incident {
            Some(id) => store::find(connection, id, &AreaScope::whole_city()).await?,
            None => None,
        };
        return Ok(Taken {
            is_new: false,
            severity: severity.and_then(|word| Severity::parse(&word)),
            incident,
        });
    }
    let procedure = current(connection, &signal.kind).await?;
    let procedure =
        procedure.ok_or_else(|| SignalError::Invalid("there is no such kind of incident".into()))?;
    let known: Option<Json<SignalSource>> =
        sqlx::query_scalar("select body from signal_sources where id = $1")
            .bind(source)
            .fetch_optional(&mut *connection)
            .await?;
    let known = known.map(|body| body.0);
    let severity = signal.judge(known.as_ref()).map_err(SignalError::Invalid)?;
    let place = signal.place.or(known.as_ref().and_then(|known| known.place));
    let mut incident = None;
    if let Some(severity) = severity {
        let area = match (known.as_ref().and_then(|known| known.area.clone()), place) {
            (Some(area), _) => Some(area),
            (None, Some(place)) => area_near(connection, place).await?,
            (None, None) => None,
        };
        let name = known.as_ref().map_or(source, |known| known.name.as_str());
        let reading = match (signal.value, &signal.unit) {
            (Some(value), Some(unit)) => format!(" {value} {unit}"),
            (Some(value), None) => format!(" {value}"),
            (None, _) => String::new(),
        };
        let title = signal.title.clone();
        let new = NewSource {
            kind: SourceKind::Signal,
            reference: format!("{source}/{}", signal.id),
            at: signal.time,
            title: title.unwrap_or_else(|| format!("{}: {name}{reading}", procedure.name.vi)),
            place,
            source_key: Some(format!("signal/{source}")),
            severity: Some(severity),
            area,
        };
        incident = Some(gather(connection, (&procedure, new), None, now).await?.into_incident());
    }
    sqlx::query(
        "insert into signals (source, id, kind, at, received_at, lat, lon, value, unit, severity, incident, actor) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(source)
    .bind(&signal.id)
    .bind(&signal.kind)
    .bind(signal.time)
    .bind(now)
    .bind(place.map(|place| place.lat))
    .bind(place.map(|place| place.lon))
    .bind(signal.value)
    .bind(&signal.unit)
    .bind(severity.map(Severity::as_str))
    .bind(incident.as_ref().map(|incident| incident.id))
    .bind(actor)
    .execute(connection)
    .await?;
    Ok(Taken { is_new: true, severity, incident })
}

/// Takes the city's sensors and systems: those of the same id are replaced, others stay.
///
/// # Errors
/// When the database fails.
pub async fn set_signal_sources(
    connection: &mut PgConnection,
    sources: &[SignalSource],
) -> Result<(), sqlx::Error> {
    for source in sources {
        sqlx::query(
            "insert into signal_sources (id, body) values ($1, $2) on conflict (id) do update set body = $2",
        )
        .bind(&source.id)
        .bind(Json(source))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The city's sensors and systems, by id.
///
/// # Errors
/// When the database fails.
pub async fn signal_sources(connection: &mut PgConnection) -> Result<Vec<SignalSource>, sqlx::Error> {
    let rows = sqlx::query("select body from signal_sources order by id").fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get::<Json<SignalSource>, _>(0)?.0)).collect()
}
