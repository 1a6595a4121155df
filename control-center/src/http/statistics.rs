//! `/api/v1/statistics/…` of alerts: what they ask of the operators, and how often they were right.

use super::Shared;
use super::extract::{Query, SignedIn};
use super::problem::Error;
use crate::access::AreaScope;
use crate::alerts::load::{Activation, Load, Meter, STALE_AFTER, Share, wilson};
use crate::alerts::proposal::{self, Of, Proposal, Sample};
use crate::alerts::{Alert, Severity, policies, store};
use crate::backtest::job;
use crate::clock;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use futures_util::TryStreamExt as _;
use ngatu_protocol::EventKind;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgPool, Row as _};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

/// The longest time that is measured at once.
const LONGEST: TimeDelta = TimeDelta::days(93);
/// Stale alerts that are listed.
const MAX_STALE: i64 = 100;
/// Fewer verdicts say nothing of a rule.
const FEWEST_VERDICTS: u64 = 10;
/// Below this upper bound a rule is wrong more often than right, with 97.5 % certainty.
const POOR_BELOW: f64 = 0.5;
/// Proposals that are tried at once, and on how much.
const MOST_TRIED: usize = 10;
const TRIED: TimeDelta = TimeDelta::days(7);
/// Proposals that are made at once.
const MAX_PROPOSALS: usize = 50;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatisticsQuery {
    /// Begin; a day before `to` when it is not said.
    from: Option<DateTime<Utc>>,
    /// End; now when it is not said.
    to: Option<DateTime<Utc>>,
    /// Operator positions that share the alerts; 1 by default.
    #[param(minimum = 1, maximum = 1000)]
    operators: Option<u32>,
    /// Only this area.
    area: Option<String>,
}

/// What the alerts ask of the operators, after EEMUA 191 and ISA-18.2. Muted alerts ask nothing and are not counted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlarmLoad {
    /// Begin.
    from: DateTime<Utc>,
    /// End.
    to: DateTime<Utc>,
    /// Operator positions that share the alerts.
    operators: u32,
    /// Rates, priorities, top sources and chattering ones.
    load: Load,
    /// Seconds from raised to acknowledged of half of those that were acknowledged.
    acknowledged_p50_s: Option<f64>,
    /// The same of 95 %.
    acknowledged_p95_s: Option<f64>,
    /// Share of false ones among those judged true or false, with its interval.
    false_share: Share,
    /// How many alerts are active for more than 24 hours.
    stale_count: i64,
    /// These, the oldest first; at most 100.
    stale: Vec<Alert>,
}

/// How often the alerts of a camera's rule were right.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RulePrecision {
    /// The edge.
    pub(crate) edge: String,
    /// The camera.
    pub(crate) camera: Option<String>,
    /// The rule.
    pub(crate) rule: String,
    /// The kind of event.
    pub(crate) kind: String,
    /// Alerts judged true.
    pub(crate) right: u64,
    /// Alerts judged false.
    pub(crate) wrong: u64,
    /// Alerts judged a test; they count for nothing.
    pub(crate) tests: u64,
    /// Share of true ones with its 95 % interval (Wilson).
    pub(crate) precision: Share,
    /// Whether it is wrong more often than right: at least 10 verdicts, and the upper bound is below 0.5.
    pub(crate) poor: bool,
}

/// Precision by camera and rule, the worst first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PrecisionList {
    /// Rules with at least one verdict.
    items: Vec<RulePrecision>,
}

struct Asked {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    areas: Option<Vec<String>>,
    area: Option<String>,
}

impl StatisticsQuery {
    fn window(&self, areas: &AreaScope) -> Result<Asked, Error> {
        let to = self.to.unwrap_or_else(clock::now);
        let wrong = || Error::BadRequest("to: wanted a time from 1970 to 9999".into());
        if !(1970..=9999).contains(&to.year()) {
            return Err(wrong());
        }
        let from = self.from.or_else(|| to.checked_sub_signed(TimeDelta::days(1))).ok_or_else(wrong)?;
        if from >= to || to - from > LONGEST {
            return Err(Error::BadRequest(format!(
                "from: must be before to, at most {} days",
                LONGEST.num_days()
            )));
        }
        Ok(Asked { from, to, areas: areas.bind(), area: self.area.clone() })
    }
}

/// At once: each reads up to three months of the log, and holds a connection as long.
static MEASURING: Semaphore = Semaphore::const_new(2);

const SEEN: &str = "($3::text[] is null or a.area = any($3)) and ($4::text is null or a.area = $4)";

/// Measure the alarm load
///
/// Of your areas: alerts per operator and 10 minutes, floods, shares of severities, top, chattering and stale sources.
#[utoipa::path(get, path = "/api/v1/statistics/alarm-load", operation_id = "read_alarm_load", tag = "statistics",
    params(StatisticsQuery),
    responses((status = 200, description = "The load", body = AlarmLoad)))]
pub(crate) async fn read_alarm_load(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<StatisticsQuery>,
) -> Result<Json<AlarmLoad>, Error> {
    let asked = query.window(&person.areas)?;
    let operators = query.operators.unwrap_or(1);
    if !(1..=1000).contains(&operators) {
        return Err(Error::BadRequest("operators: wanted 1 to 1000".into()));
    }
    let _turn = MEASURING.acquire().await.map_err(|error| Error::Internal(error.into()))?;
    let load = load(shared.pool(), &asked, operators).await?;
    let (p50, p95, right, wrong) = handling(shared.pool(), &asked).await?;
    let before = asked.to - STALE_AFTER;
    let stale_of = format!("a.active and a.first_at < $1 and $2::timestamptz is not null and {SEEN}");
    let sql = format!("select count(*) from alerts a where {stale_of}");
    let stale_count = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(before)
        .bind(asked.to)
        .bind(&asked.areas)
        .bind(&asked.area)
        .fetch_one(shared.pool())
        .await?;
    let sql = format!("{} where {stale_of} order by a.first_at, a.id limit $5", store::SELECT);
    let stale = sqlx::query_as(AssertSqlSafe(sql))
        .bind(before)
        .bind(asked.to)
        .bind(&asked.areas)
        .bind(&asked.area)
        .bind(MAX_STALE)
        .fetch_all(shared.pool())
        .await?;
    Ok(Json(AlarmLoad {
        from: asked.from,
        to: asked.to,
        operators,
        load,
        acknowledged_p50_s: p50,
        acknowledged_p95_s: p95,
        false_share: wilson(wrong, right + wrong),
        stale_count,
        stale,
    }))
}

/// Row by row: three months of a busy city are more than should be in memory at once.
async fn load(pool: &PgPool, asked: &Asked, operators: u32) -> Result<Load, sqlx::Error> {
    let sql = format!(
        "select l.at, l.change = 'raised' as raised, a.severity, \
           a.edge || '/' || coalesce(a.camera, '-') || '/' || a.rule as source \
         from alert_log l join alerts a on a.id = l.alert \
         where l.at >= $1 and l.at < $2 and l.change in ('raised', 'repeated') and {SEEN} \
           and (l.change = 'raised' or a.muted is null) order by l.seq"
    );
    let mut rows = sqlx::query(AssertSqlSafe(sql))
        .bind(asked.from)
        .bind(asked.to)
        .bind(&asked.areas)
        .bind(&asked.area)
        .fetch(pool);
    let mut meter = Meter::new((asked.from, asked.to), operators);
    while let Some(row) = rows.try_next().await? {
        let severity: &str = row.try_get("severity")?;
        meter.push(Activation {
            at: row.try_get("at")?,
            raised: row.try_get("raised")?,
            severity: Severity::parse(severity).unwrap_or(Severity::Low),
            source: row.try_get("source")?,
        });
    }
    Ok(meter.finish())
}

async fn handling(pool: &PgPool, asked: &Asked) -> Result<(Option<f64>, Option<f64>, u64, u64), sqlx::Error> {
    let took = "extract(epoch from a.acknowledged_at - a.raised_at)::double precision";
    let sql = format!(
        "select percentile_cont(0.5) within group (order by {took}) as p50, \
           percentile_cont(0.95) within group (order by {took}) as p95, \
           count(*) filter (where a.verdict ->> 'verdict' = 'true') as yes, \
           count(*) filter (where a.verdict ->> 'verdict' = 'false') as no \
         from alerts a where a.raised_at >= $1 and a.raised_at < $2 and {SEEN}"
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(asked.from)
        .bind(asked.to)
        .bind(&asked.areas)
        .bind(&asked.area)
        .fetch_one(pool)
        .await?;
    let count = |column: &str| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
    Ok((row.try_get("p50")?, row.try_get("p95")?, count("yes")?, count("no")?))
}

/// Read precision
///
/// Of your areas: how often the alerts of each camera's rule were judged true, with its 95 % interval, the worst first.
#[utoipa::path(get, path = "/api/v1/statistics/precision", operation_id = "read_precision", tag = "statistics",
    params(StatisticsQuery),
    responses((status = 200, description = "By camera and rule", body = PrecisionList)))]
pub(crate) async fn read_precision(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<StatisticsQuery>,
) -> Result<Json<PrecisionList>, Error> {
    let asked = query.window(&person.areas)?;
    Ok(Json(PrecisionList { items: precision(shared.pool(), &asked).await? }))
}

async fn precision(pool: &PgPool, asked: &Asked) -> Result<Vec<RulePrecision>, sqlx::Error> {
    let sql = format!(
        "select a.edge, a.camera, a.rule, a.kind, count(*) filter (where a.verdict ->> 'verdict' = 'true') as yes, \
           count(*) filter (where a.verdict ->> 'verdict' = 'false') as no, \
           count(*) filter (where a.verdict ->> 'verdict' = 'test') as tests \
         from alerts a where a.verdict is not null and a.raised_at >= $1 and a.raised_at < $2 and {SEEN} \
         group by a.edge, a.camera, a.rule, a.kind"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(asked.from)
        .bind(asked.to)
        .bind(&asked.areas)
        .bind(&asked.area)
        .fetch_all(pool)
        .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        let count = |column: &str| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
        let (right, wrong) = (count("yes")?, count("no")?);
        let precision = wilson(right, right + wrong);
        items.push(RulePrecision {
            edge: row.try_get("edge")?,
            camera: row.try_get("camera")?,
            rule: row.try_get("rule")?,
            kind: row.try_get("kind")?,
            right,
            wrong,
            tests: count("tests")?,
            precision,
            poor: right + wrong >= FEWEST_VERDICTS && precision.high < POOR_BELOW,
        });
    }
    items.sort_by(|a, b| a.precision.high.total_cmp(&b.precision.high));
    Ok(items)
}

/// A rule that is wrong more often than right, and what could be done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyProposal {
    /// How often it was right.
    rule: RulePrecision,
    /// What is proposed.
    proposal: Proposal,
    /// What it would have made of all stored events of the rule, judged or not. Only of the ten worst rules: of the others a
    /// back-test tells.
    back_test: Option<ProposalTest>,
}

/// A proposal that was tried.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposalTest {
    /// Begin of the tried time: at most 7 days before its end.
    from: DateTime<Utc>,
    /// Its end.
    to: DateTime<Utc>,
    /// Stored events of the rule.
    events: u64,
    /// Alerts that the policy in force raises of them.
    active: u64,
    /// Those that are critical or high.
    active_urgent: u64,
    /// Alerts that the changed policy would have raised.
    draft: u64,
    /// Those that would have been critical or high.
    draft_urgent: u64,
}

/// Proposed changes of the policy, the worst rules first; at most 50.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposalList {
    /// The proposals.
    items: Vec<PolicyProposal>,
}

/// List proposals
///
/// For each rule that people judged wrong more often than right: a changed policy, and what it would have done to the judged
/// alerts and to all stored events of the rule. To try it on everything begin a back-test, then add and activate it; activating
/// the version before takes it back.
#[utoipa::path(get, path = "/api/v1/policies/proposals", operation_id = "list_proposals", tag = "policies",
    params(StatisticsQuery),
    responses((status = 200, description = "The proposals", body = ProposalList)))]
pub(crate) async fn list_proposals(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<StatisticsQuery>,
) -> Result<Json<ProposalList>, Error> {
    let asked = query.window(&person.areas)?;
    let active = policies::active(&mut *shared.pool().acquire().await.map_err(Error::from)?).await?;
    let _turn = MEASURING.acquire().await.map_err(|error| Error::Internal(error.into()))?;
    let mut items = Vec::new();
    for rule in
        precision(shared.pool(), &asked).await?.into_iter().filter(|rule| rule.poor).take(MAX_PROPOSALS)
    {
        let (Some(camera), Some(kind)) = (&rule.camera, EventKind::parse(&rule.kind)) else { continue };
        let of = Of { camera: format!("{}/{camera}", rule.edge), rule: rule.rule.clone(), kind };
        let samples = samples(shared.pool(), &asked, &rule).await?;
        let proposal = proposal::propose(&of, &samples, &active.body);
        let back_test = match items.len() {
            ..MOST_TRIED => Some(try_proposal(shared.pool(), (&proposal, &of), &asked).await?),
            _ => None,
        };
        items.push(PolicyProposal { proposal, rule, back_test });
    }
    Ok(Json(ProposalList { items }))
}

/// Over the last days only: a screen asks every minute.
async fn try_proposal(
    pool: &PgPool,
    (proposal, of): (&Proposal, &Of),
    asked: &Asked,
) -> Result<ProposalTest, Error> {
    let (from, to) = (asked.from.max(asked.to - TRIED), asked.to);
    let (edge, camera) = of.camera.split_once('/').unwrap_or_default();
    let (draft, active) = job::compare(pool, &proposal.policy, [edge, camera, &of.rule], (from, to)).await?;
    Ok(ProposalTest {
        from,
        to,
        events: draft.events,
        active: active.alerts,
        active_urgent: active.urgent,
        draft: draft.alerts,
        draft_urgent: draft.urgent,
    })
}

async fn samples(pool: &PgPool, asked: &Asked, rule: &RulePrecision) -> Result<Vec<Sample>, sqlx::Error> {
    let rows = sqlx::query(
        "select coalesce(confidence, 0) as confidence, verdict ->> 'verdict' = 'true' as yes from alerts \
         where raised_at >= $1 and raised_at < $2 and verdict ->> 'verdict' in ('true', 'false') \
           and edge = $3 and camera = $4 and rule = $5 and kind = $6",
    )
    .bind(asked.from)
    .bind(asked.to)
    .bind(&rule.edge)
    .bind(&rule.camera)
    .bind(&rule.rule)
    .bind(&rule.kind)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| Ok(Sample { confidence: row.try_get("confidence")?, right: row.try_get("yes")? }))
        .collect()
}
