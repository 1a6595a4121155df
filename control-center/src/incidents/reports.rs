//! Citizens' reports: filed by anybody, answered in time.

use super::gather::area_near;
use super::procedures::current;
use super::report_bell::{ReportBell, ReportChange};
use super::store;
use crate::alerts::store::snapshot_url;
use crate::alerts::{AlertPlace, Person};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, PgPool, Row as _};
use utoipa::ToSchema;
use uuid::Uuid;

/// A report is answered within this.
const ANSWER_WITHIN: TimeDelta = TimeDelta::hours(48);
/// Reports from one address in an hour, and from all in ten minutes.
const MAX_OF_SENDER: i64 = 5;
const MAX_OF_ALL: i64 = 200;
/// How many numbers there are, and how often one is drawn: with a million reports all draws are taken once in 10^100 reports.
const NUMBERS: u32 = 100_000_000;
const MAX_DRAWS: u32 = 50;

/// How far a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    /// Nobody has looked at it yet.
    Received,
    /// It is part of an incident.
    Accepted,
    /// It was not taken; the answer says why.
    Rejected,
    /// It was answered.
    Answered,
}

impl ReportState {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ReportState::Received => "received",
            ReportState::Accepted => "accepted",
            ReportState::Rejected => "rejected",
            ReportState::Answered => "answered",
        }
    }

    fn parse(word: &str) -> Option<ReportState> {
        use ReportState::{Accepted, Answered, Received, Rejected};
        [Received, Accepted, Rejected, Answered].into_iter().find(|state| state.as_str() == word)
    }
}

/// A report that somebody files, checked.
#[derive(Debug, Clone, Default)]
pub struct NewReport {
    /// One of the procedures' kinds.
    pub kind: String,
    /// What happened.
    pub text: String,
    /// `vi` or `en`.
    pub language: &'static str,
    /// Where, on the map.
    pub place: Option<AlertPlace>,
    /// Where, in words.
    pub place_text: Option<String>,
    /// The area that the reporter chose; counts where the place says none.
    pub area: Option<String>,
    /// How to reach the reporter.
    pub contact: Option<String>,
    /// The words that the reporter agreed to.
    pub consent: &'static str,
    /// Digests of the pictures, which are kept already.
    pub pictures: Vec<String>,
    /// Where it came from, as a digest.
    pub sender: Option<Vec<u8>>,
}

/// What the reporter is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The number.
    pub number: String,
    /// The secret of the link; this is the only time that it is known.
    pub key: String,
}

/// Why a report was not filed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Too many from there, or from everywhere.
    #[error("too many reports: try again later")]
    TooMany,
    /// There is no such kind.
    #[error("there is no such kind of incident")]
    Kind,
    /// There is no such area.
    #[error("there is no such area")]
    Area,
    /// The database failed.
    #[error("file the report: {0}")]
    Database(#[from] sqlx::Error),
}

/// Whether one more report may come from there. Asked before its pictures are read, and again while it is filed.
///
/// # Errors
/// [`FileError::TooMany`].
pub async fn check_limits(
    connection: &mut PgConnection,
    sender: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<(), FileError> {
    let (own, all): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where sender = $1), \
           count(*) filter (where received_at > $2 - interval '10 minutes') \
         from reports where received_at > $2 - interval '1 hour'",
    )
    .bind(sender)
    .bind(now)
    .fetch_one(connection)
    .await?;
    if own >= MAX_OF_SENDER || all >= MAX_OF_ALL { Err(FileError::TooMany) } else { Ok(()) }
}

/// Files a report.
///
/// # Errors
/// [`FileError`]; then the transaction is to be given up.
pub async fn file_report(
    connection: &mut PgConnection,
    new: &NewReport,
    now: DateTime<Utc>,
) -> Result<Filed, FileError> {
    file_numbered(connection, new, || rand::rng().random_range(0..NUMBERS), now).await
}

/// As [`file_report`], with the numbers that `draw` gives, 0 to 99,999,999: one that is taken is drawn again.
///
/// # Errors
/// [`FileError`]; then the transaction is to be given up.
pub async fn file_numbered(
    connection: &mut PgConnection,
    new: &NewReport,
    mut draw: impl FnMut() -> u32,
    now: DateTime<Utc>,
) -> Result<Filed, FileError> {
    let now = now.trunc_subsecs(6);
    // One after the other, so that a burst cannot pass the limits together.
    sqlx::query("select pg_advisory_xact_lock(7220503)").execute(&mut *connection).await?;
    check_limits(connection, new.sender.as_deref(), now).await?;
    if current(connection, &new.kind).await?.is_none() {
        return Err(FileError::Kind);
    }
    let near = match new.place {
        Some(place) => area_near(connection, place).await?,
        None => None,
    };
    if let Some(chosen) = &new.area
        && !is_area(connection, chosen).await?
    {
        return Err(FileError::Area);
    }
    let area = near.or_else(|| new.area.clone());
    let number = free_number(connection, &mut draw).await?;
    let secret: [u8; 24] = rand::random();
    let key = URL_SAFE_NO_PAD.encode(secret);
    sqlx::query(
        "insert into reports (number, key_sha256, received_at, kind, text, language, lat, lon, place_text, area, \
           contact, consent, sender, state, due_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'received', $14)",
    )
    .bind(&number)
    .bind(&Sha256::digest(key.as_bytes())[..])
    .bind(now)
    .bind(&new.kind)
    .bind(&new.text)
    .bind(new.language)
    .bind(new.place.map(|place| place.lat))
    .bind(new.place.map(|place| place.lon))
    .bind(&new.place_text)
    .bind(&area)
    .bind(&new.contact)
    .bind(new.consent)
    .bind(&new.sender)
    .bind(now + ANSWER_WITHIN)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into report_pictures (report, digest) select $1, unnest($2::text[]) on conflict do nothing",
    )
    .bind(&number)
    .bind(&new.pictures)
    .execute(&mut *connection)
    .await?;
    let bell = ReportBell { number: Some(number.clone()), change: ReportChange::Filed, areas: vec![area] };
    bell.ring(connection).await?;
    Ok(Filed { number, key })
}

/// A number that no report has. The caller's lock keeps it free.
async fn free_number(
    connection: &mut PgConnection,
    draw: &mut impl FnMut() -> u32,
) -> Result<String, sqlx::Error> {
    for _ in 0..MAX_DRAWS {
        let number = draw();
        let number = format!("R-{:04}-{:04}", number / 10_000, number % 10_000);
        let is_taken: bool = sqlx::query_scalar("select exists (select from reports where number = $1)")
            .bind(&number)
            .fetch_one(&mut *connection)
            .await?;
        if !is_taken {
            return Ok(number);
        }
    }
    Err(sqlx::Error::RowNotFound)
}

pub(super) async fn is_area(connection: &mut PgConnection, area: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from areas where id = $1)")
        .bind(area.replace('\0', "\u{fffd}"))
        .fetch_one(connection)
        .await
}

/// Forgets after a day where reports came from.
///
/// # Errors
/// When the database fails.
pub async fn forget_senders(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let old =
        "update reports set sender = null where sender is not null and received_at < $1 - interval '1 day'";
    sqlx::query(old).bind(now).execute(pool).await?;
    Ok(())
}

/// A report as operators see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Report {
    /// Its number.
    #[schema(example = "R-0482-7730")]
    pub number: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The kind of incident that the reporter chose.
    pub kind: String,
    /// What happened, in the reporter's words.
    pub text: String,
    /// The reporter's language.
    pub language: String,
    /// Where.
    pub place: Option<AlertPlace>,
    /// Where, in words.
    pub place_text: Option<String>,
    /// The area that it lies in; none: nobody knows yet, and everybody who triages sees it.
    pub area: Option<String>,
    /// How to reach the reporter.
    pub contact: Option<String>,
    /// Addresses of its pictures.
    pub pictures: Vec<String>,
    /// How far it is.
    pub state: ReportState,
    /// The incident that it is part of.
    pub incident: Option<Uuid>,
    /// What the reporter was told.
    pub answer: Option<String>,
    /// By when it is to be answered.
    pub due_at: DateTime<Utc>,
    /// When it was answered or rejected.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who did.
    pub answered_by: Option<Person>,
}

/// The reports that operators of the areas `$2` see: those that lie there, and those that nobody has placed yet, because
/// otherwise a city all of whose operators have areas would lose them.
pub(super) const SEEN_BY_2: &str = "($2::text[] is null or r.area is null or r.area = any($2))";

/// Selects what [`Report`] is read from, of `r` (reports).
pub(crate) const SELECT_REPORTS: &str = "select r.*, coalesce(nullif(u.full_name, ''), u.name) as answered_name, \
    array(select digest from report_pictures p where p.report = r.number order by digest) as digests \
    from reports r left join users u on u.id = r.answered_by ";

impl FromRow<'_, PgRow> for Report {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let place = match (row.try_get("lat")?, row.try_get("lon")?) {
            (Some(lat), Some(lon)) => Some(AlertPlace { lat, lon }),
            _ => None,
        };
        let digests: Vec<String> = row.try_get("digests")?;
        Ok(Report {
            number: row.try_get("number")?,
            received_at: row.try_get("received_at")?,
            kind: row.try_get("kind")?,
            text: row.try_get("text")?,
            language: row.try_get("language")?,
            place,
            place_text: row.try_get("place_text")?,
            area: row.try_get("area")?,
            contact: row.try_get("contact")?,
            pictures: digests.iter().map(|digest| snapshot_url(digest)).collect(),
            state: store::word(row, "state", ReportState::parse)?,
            incident: row.try_get("incident")?,
            answer: row.try_get("answer")?,
            due_at: row.try_get("due_at")?,
            answered_at: row.try_get("answered_at")?,
            answered_by: store::person(row, "answered_by", "answered_name")?,
        })
    }
}

/// What a reporter sees of a report.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReportStatus {
    /// Its number.
    pub number: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The kind.
    pub kind: String,
    /// How far it is.
    pub state: ReportState,
    /// Whether the incident that it is part of is over.
    pub is_over: bool,
    /// The answer, or why it was rejected.
    pub answer: Option<String>,
    /// By when it is to be answered.
    pub due_at: DateTime<Utc>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

/// What a reporter sees, who has the number and the key; none when either is wrong.
///
/// # Errors
/// When the database fails.
pub async fn report_status(
    pool: &PgPool,
    number: &str,
    key: &str,
) -> Result<Option<ReportStatus>, sqlx::Error> {
    // Found by the digest of the key: what it takes says nothing about the key.
    let row = sqlx::query(
        "select r.*, coalesce(i.status in ('resolved', 'closed'), false) as is_over \
         from reports r left join incidents i on i.id = r.incident where r.number = $1 and r.key_sha256 = $2",
    )
    .bind(number.replace('\0', "\u{fffd}"))
    .bind(&Sha256::digest(key.as_bytes())[..])
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ReportStatus {
        number: row.try_get("number")?,
        received_at: row.try_get("received_at")?,
        kind: row.try_get("kind")?,
        state: store::word(&row, "state", ReportState::parse)?,
        is_over: row.try_get("is_over")?,
        answer: row.try_get("answer")?,
        due_at: row.try_get("due_at")?,
        answered_at: row.try_get("answered_at")?,
    }))
}

/// How well reports were answered.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AnswerClock {
    /// Reports of the last 30 days that were answered or rejected.
    pub answered: i64,
    /// Those of them that were in time.
    pub on_time: i64,
    /// Reports of the last 30 days whose time is over without an answer.
    pub overdue: i64,
    /// `on_time / (answered + overdue)`; none when there is nothing to measure.
    pub on_time_ratio: Option<f64>,
}

/// How well the reports of the last 30 days were answered, of those that a person sees.
///
/// # Errors
/// When the database fails.
pub async fn answer_clock(
    connection: &mut PgConnection,
    areas: Option<Vec<String>>,
    now: DateTime<Utc>,
) -> Result<AnswerClock, sqlx::Error> {
    let sql = format!(
        "select count(*) filter (where answered_at is not null), count(*) filter (where answered_at <= due_at), \
           count(*) filter (where answered_at is null and due_at < $1) \
         from reports r where received_at > $1 - interval '30 days' and {SEEN_BY_2}"
    );
    let (answered, on_time, overdue): (i64, i64, i64) =
        sqlx::query_as(AssertSqlSafe(sql)).bind(now).bind(areas).fetch_one(connection).await?;
    let number = |count: i64| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    let measured = answered + overdue;
    let on_time_ratio = (measured > 0).then(|| number(on_time) / number(measured));
    Ok(AnswerClock { answered, on_time, overdue, on_time_ratio })
}
