//! An incident with all that belongs to it, read at one moment.

use super::model::{Incident, IncidentChange, IncidentEntry, IncidentEvidence, Source, SourceKind, View};
use super::store;
use crate::access::AreaScope;
use crate::alerts::AlertPlace;
use crate::alerts::store::snapshot_url;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use std::collections::HashMap;
use uuid::Uuid;

/// An incident with its sources, its pictures and its log, if the areas see one of that id. Read in a transaction of
/// `repeatable read` where all must be of one moment.
///
/// # Errors
/// When the database fails.
pub async fn view(
    connection: &mut PgConnection,
    id: Uuid,
    areas: &AreaScope,
) -> Result<Option<View>, sqlx::Error> {
    let Some(incident) = store::find(connection, id, areas).await? else { return Ok(None) };
    let sources = sqlx::query(
        "select kind, ref, at, title, lat, lon, added_at, \
           brought_by[cardinality(brought_by)] as came_with from incident_sources where incident = $1 \
         order by at, kind, ref",
    )
    .bind(id)
    .fetch_all(&mut *connection)
    .await?;
    let log = sqlx::query(
        "select l.seq, l.at, l.change, l.actor, l.detail, coalesce(nullif(u.full_name, ''), u.name) as actor_name \
         from incident_log l left join users u on u.id = l.actor where l.incident = $1 order by l.seq",
    )
    .bind(id)
    .fetch_all(&mut *connection)
    .await?;
    let evidence = evidence(connection, &[id]).await?;
    Ok(Some(View {
        incident,
        sources: sources.iter().map(source).collect::<Result<_, _>>()?,
        evidence: evidence.into_iter().map(|(_, picture)| picture).collect(),
        log: log.iter().map(entry).collect::<Result<_, _>>()?,
    }))
}

/// The incidents of these ids with their pictures, and nothing else of them.
///
/// # Errors
/// When the database fails.
pub async fn with_evidence(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, (Incident, Vec<IncidentEvidence>)>, sqlx::Error> {
    let sql = format!("{} where i.id = any($1)", store::SELECT);
    let incidents: Vec<Incident> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *connection).await?;
    let mut found: HashMap<_, _> =
        incidents.into_iter().map(|incident| (incident.id, (incident, Vec::new()))).collect();
    for (id, picture) in evidence(connection, ids).await? {
        if let Some((_, pictures)) = found.get_mut(&id) {
            pictures.push(picture);
        }
    }
    Ok(found)
}

/// The pictures of incidents, each with its incident, the oldest first.
async fn evidence(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, IncidentEvidence)>, sqlx::Error> {
    let rows = sqlx::query(
        "select s.incident, 'alert' as kind, s.ref, a.snapshot as digest, a.last_at as at from incident_sources s \
           join alerts a on a.id = case when s.kind = 'alert' then s.ref::uuid end \
         where s.incident = any($1) and a.snapshot is not null \
         union all select s.incident, 'report', s.ref, p.digest, s.at from incident_sources s \
           join report_pictures p on s.kind = 'report' and p.report = s.ref where s.incident = any($1) order by at",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("incident")?, picture(row)?))).collect()
}

fn source(row: &PgRow) -> Result<Source, sqlx::Error> {
    let place = match (row.try_get("lat")?, row.try_get("lon")?) {
        (Some(lat), Some(lon)) => Some(AlertPlace { lat, lon }),
        _ => None,
    };
    Ok(Source {
        kind: store::word(row, "kind", SourceKind::parse)?,
        reference: row.try_get("ref")?,
        at: row.try_get("at")?,
        title: row.try_get("title")?,
        place,
        added_at: row.try_get("added_at")?,
        came_with: row.try_get("came_with")?,
    })
}

fn picture(row: &PgRow) -> Result<IncidentEvidence, sqlx::Error> {
    Ok(IncidentEvidence {
        url: snapshot_url(row.try_get("digest")?),
        source: store::word(row, "kind", SourceKind::parse)?,
        reference: row.try_get("ref")?,
        at: row.try_get("at")?,
    })
}

fn entry(row: &PgRow) -> Result<IncidentEntry, sqlx::Error> {
    Ok(IncidentEntry {
        seq: row.try_get("seq")?,
        at: row.try_get("at")?,
        actor: store::person(row, "actor", "actor_name")?,
        change: store::word(row, "change", IncidentChange::parse)?,
        detail: row.try_get("detail")?,
    })
}
