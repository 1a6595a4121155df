//! A back-test as a job: reads in pieces, says how far it is, and keeps the answer in the database.

use super::rule::{RuleTest, id_of};
use crate::access::audit::{self, Act};
use crate::alerts::{Person, policies};
use crate::clock;
use crate::policy::backtest::{Backtest, Tally};
use crate::policy::{Fact, Policy, PolicyBody};
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::camera::{CameraConfig, RuleConfig, ZoneConfig};
use ngatu_protocol::track::TrackData;
use ngatu_protocol::{CameraId, EdgeId, EventData, OutboxId, RoadUserClass};
use ngatu_scene::{Time, Trajectory};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row as _};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;
use uuid::Uuid;

/// Events that are read at once.
const PAGE: i64 = 5_000;
/// Tracks are read and played by the hour.
const PIECE: TimeDelta = TimeDelta::hours(1);
/// A running job tells its progress at least so often; one that does not for longer has died with its center.
pub const DEAD_AFTER: TimeDelta = TimeDelta::minutes(2);

/// What is tried: exactly one of `policy` and `rule`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// A policy over stored events.
    pub policy: Option<PolicyBody>,
    /// A rule over a camera's stored tracks, under the policy in force.
    pub rule: Option<RuleRequest>,
    /// Begin.
    pub from: DateTime<Utc>,
    /// End.
    pub to: DateTime<Utc>,
}

/// A rule that is tried at a camera.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RuleRequest {
    /// The edge.
    pub edge: EdgeId,
    /// The camera.
    pub camera: CameraId,
    /// A new zone, or one of the camera's with other points.
    pub zone: Option<ZoneConfig>,
    /// The rule.
    pub rule: RuleConfig,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// Begin.
    pub from: DateTime<Utc>,
    /// End.
    pub to: DateTime<Utc>,
    /// Stored tracks that were played; none for a policy.
    pub tracks: Option<u64>,
    /// What the draft would have raised.
    pub draft: Tally,
    /// What the policy in force raises from the events that are stored; for a rule: of the rule of that name.
    pub active: Tally,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The database failed.
    #[error("{0}")]
    Database(#[from] sqlx::Error),
    /// The camera is not known, or has no configuration.
    #[error("there is no configured camera {0}/{1}")]
    NoCamera(EdgeId, CameraId),
    /// The rule cannot be used at that camera.
    #[error("{0}")]
    Rule(String),
}

/// The configuration of a camera.
///
/// # Errors
/// When it is not known.
pub async fn camera(pool: &PgPool, request: &RuleRequest) -> Result<CameraConfig, JobError> {
    let config: Option<Json<CameraConfig>> =
        sqlx::query_scalar("select config from cameras where edge = $1 and id = $2 and config is not null")
            .bind(request.edge.as_str())
            .bind(request.camera.as_str())
            .fetch_optional(pool)
            .await?;
    config
        .map(|config| config.0)
        .ok_or_else(|| JobError::NoCamera(request.edge.clone(), request.camera.clone()))
}

/// Whether the rule can be used at the camera.
///
/// # Errors
/// Says why not.
pub fn prepare(camera: &CameraConfig, request: &RuleRequest) -> Result<RuleTest, JobError> {
    RuleTest::new(camera, request.zone.clone(), request.rule.clone())
        .map_err(|error| JobError::Rule(error.to_string()))
}

/// Writes a job down, in the caller's transaction; answers its id. [`run`] does it once that is committed.
///
/// # Errors
/// When the database fails.
pub async fn begin_in(
    connection: &mut PgConnection,
    request: &Request,
    author: &Person,
    now: DateTime<Utc>,
) -> Result<Uuid, sqlx::Error> {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into backtests (id, at, author, request, state, updated_at) values ($1, $2, $3, $4, 'running', $2)",
    )
    .bind(id)
    .bind(now)
    .bind(Json(author))
    .bind(Json(request))
    .execute(&mut *connection)
    .await?;
    let of = if request.rule.is_some() { "rule" } else { "policy" };
    let detail = json!({ "of": of, "from": request.from });
    let act = Act { actor: Some(author.id), action: "backtest.begin", subject: &id.to_string(), detail };
    audit::record_in(connection, act, now).await?;
    Ok(id)
}

/// Does a job that was begun, beside; `turn` is kept as long.
pub fn run(pool: PgPool, id: Uuid, request: Request, turn: OwnedSemaphorePermit) {
    tokio::spawn(async move {
        let _turn = turn;
        let job = Job { pool, id: Some(id) };
        let ended = match job.run(&request).await {
            Ok(answer) => job.end("done", (Some(Json(answer)), None)).await,
            Err(error) => job.end("failed", (None, Some(error.to_string()))).await,
        };
        if let Err(error) = ended {
            tracing::warn!(%error, %id, "the answer of a back-test could not be kept");
        }
    });
}

/// What a draft and the policy in force make of the stored events of one rule, `[edge, camera, rule]`, within a time.
///
/// # Errors
/// When the database fails.
pub async fn compare(
    pool: &PgPool,
    draft: &PolicyBody,
    of: [&str; 3],
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(Tally, Tally), JobError> {
    let job = Job { pool: pool.clone(), id: None };
    let (mut draft, mut active) = job.tests(Some(draft)).await?;
    let request = Request { policy: None, rule: None, from, to };
    job.read_events(&request, Some(of), (0.0, 1.0), |fact| {
        draft.take(fact);
        active.take(fact);
    })
    .await?;
    Ok((draft.finish(), active.finish()))
}

/// One that runs.
struct Job {
    pool: PgPool,
    /// Where its progress and its answer are kept, if anywhere.
    id: Option<Uuid>,
}

impl Job {
    async fn end(
        &self,
        state: &str,
        (answer, error): (Option<Json<Answer>>, Option<String>),
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "update backtests set state = $2, result = $3, error = $4, updated_at = $5, \
               progress = case when $2 = 'done' then 1 else progress end where id = $1",
        )
        .bind(self.id)
        .bind(state)
        .bind(answer)
        .bind(error)
        .bind(clock::now())
        .execute(&self.pool)
        .await
        .map(|_| ())
    }

    async fn say(&self, done: f64) -> Result<(), sqlx::Error> {
        if self.id.is_none() {
            return Ok(());
        }
        sqlx::query("update backtests set progress = $2, updated_at = $3 where id = $1")
            .bind(self.id)
            .bind(done.clamp(0.0, 1.0))
            .bind(clock::now())
            .execute(&self.pool)
            .await
            .map(|_| ())
    }

    async fn run(&self, request: &Request) -> Result<Answer, JobError> {
        match (&request.policy, &request.rule) {
            (Some(policy), _) => self.run_policy(policy, request).await,
            (None, Some(rule)) => self.run_rule(rule, request).await,
            (None, None) => Err(JobError::Rule("nothing to try".into())),
        }
    }

    /// The policy in force, and a draft beside it.
    async fn tests(&self, draft: Option<&PolicyBody>) -> Result<(Backtest, Backtest), JobError> {
        let mut connection = self.pool.acquire().await?;
        let active = policies::active(&mut connection).await?;
        let sites = policies::sites(&mut connection).await?;
        let test = |body: &PolicyBody| {
            let policy = Policy::new(active.version, body, &[], &sites, &[]);
            Backtest::new(policy, (body.zone(), body.shift_minutes()))
        };
        Ok((test(draft.unwrap_or(&active.body)), test(&active.body)))
    }

    async fn run_policy(&self, policy: &PolicyBody, request: &Request) -> Result<Answer, JobError> {
        let (mut draft, mut active) = self.tests(Some(policy)).await?;
        self.read_events(request, None, (0.0, 1.0), |fact| {
            draft.take(fact);
            active.take(fact);
        })
        .await?;
        Ok(self.answer(request, None, (draft, active)))
    }

    fn answer(
        &self,
        request: &Request,
        tracks: Option<u64>,
        (draft, active): (Backtest, Backtest),
    ) -> Answer {
        Answer { from: request.from, to: request.to, tracks, draft: draft.finish(), active: active.finish() }
    }

    /// Reads stored events in the order of time, of one camera's rule or of all, and reports progress within `part`.
    async fn read_events(
        &self,
        request: &Request,
        of: Option<[&str; 3]>,
        part: (f64, f64),
        mut take: impl FnMut(&Fact<'_>),
    ) -> Result<(), JobError> {
        let (mut time, mut outbox, mut sequence) = (request.from, Uuid::nil(), -1_i64);
        loop {
            let rows = sqlx::query(
                "select time, outbox, sequence, edge, camera, data from events \
                 where time >= $1 and (time, outbox, sequence) > ($1, $2, $3) and time < $4 \
                   and ($5::text is null or (edge = $5 and camera = $6 and rule = $7)) \
                 order by time, outbox, sequence limit $8",
            )
            .bind(time)
            .bind(outbox)
            .bind(sequence)
            .bind(request.to)
            .bind(of.map(|[edge, ..]| edge))
            .bind(of.map(|[_, camera, _]| camera))
            .bind(of.map(|[.., rule]| rule))
            .bind(PAGE)
            .fetch_all(&self.pool)
            .await?;
            for row in &rows {
                if let Some(event) = read_event(row)? {
                    take(&event.fact());
                }
            }
            let Some(last) = rows.last() else { return Ok(()) };
            (time, outbox, sequence) = (last.try_get(0)?, last.try_get(1)?, last.try_get(2)?);
            self.say(part.0 + (part.1 - part.0) * share(request, time)).await?;
        }
    }

    async fn run_rule(&self, rule: &RuleRequest, request: &Request) -> Result<Answer, JobError> {
        let (mut draft, mut active) = self.tests(None).await?;
        let camera = camera(&self.pool, rule).await?;
        let mut test = prepare(&camera, rule)?;
        let (mut from, mut tracks, mut sequence) = (request.from, 0_u64, 0_u64);
        let mut take = |events: Vec<(DateTime<Utc>, EventData)>| {
            for (time, event) in events {
                sequence += 1;
                let outbox = OutboxId(Uuid::nil());
                let (edge, camera) = (&rule.edge, Some(&rule.camera));
                draft.take(&Fact { edge, camera, event: &event, time, outbox, sequence, ended_at: None });
            }
        };
        while from < request.to {
            let until = (from + PIECE).min(request.to);
            let piece = self.read_tracks(rule, (from, until)).await?;
            tracks += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            // Playing an hour takes up to seconds of computing.
            let played = tokio::task::spawn_blocking(move || {
                test.play(piece, Time::from_micros(until.timestamp_micros()));
                test
            });
            test = played.await.map_err(|error| JobError::Rule(error.to_string()))?;
            take(test.events());
            from = until;
            self.say(0.95 * share(request, from)).await?;
        }
        take(test.finish());
        let name = id_of(&rule.rule).to_string();
        let of = [rule.edge.as_str(), rule.camera.as_str(), &name];
        self.read_events(request, Some(of), (0.95, 1.0), |fact| active.take(fact)).await?;
        Ok(self.answer(request, Some(tracks), (draft, active)))
    }

    /// Tracks that begin in a piece of time. None is longer than an hour, so it ended by an hour later.
    async fn read_tracks(
        &self,
        rule: &RuleRequest,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<Trajectory>, JobError> {
        let rows = sqlx::query(
            "select track, class, confidence, track_from, frame_width_px, frame_height_px, goes_on, points, unseen \
             from tracks where edge = $1 and camera = $2 and time >= $3 and time < $4 + interval '61 minutes' \
               and track_from >= $3 and track_from < $4",
        )
        .bind(rule.edge.as_str())
        .bind(rule.camera.as_str())
        .bind(from)
        .bind(until)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().filter_map(|row| read_track(row).transpose()).collect::<Result<_, _>>()?)
    }
}

/// How much of the asked time is done.
fn share(request: &Request, until: DateTime<Utc>) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a share needs no more digits")]
    let seconds = |time: TimeDelta| time.num_milliseconds() as f64;
    seconds(until - request.from) / seconds(request.to - request.from).max(1.0)
}

struct Stored {
    edge: EdgeId,
    camera: Option<CameraId>,
    event: EventData,
    time: DateTime<Utc>,
    outbox: OutboxId,
    sequence: u64,
}

impl Stored {
    fn fact(&self) -> Fact<'_> {
        Fact {
            edge: &self.edge,
            camera: self.camera.as_ref(),
            event: &self.event,
            time: self.time,
            outbox: self.outbox,
            sequence: self.sequence,
            ended_at: None,
        }
    }
}

/// An event as it was stored; none when this version cannot read it.
fn read_event(row: &PgRow) -> Result<Option<Stored>, sqlx::Error> {
    let (edge, camera): (String, Option<String>) = (row.try_get("edge")?, row.try_get("camera")?);
    let Ok(event) = EventData::deserialize(row.try_get::<serde_json::Value, _>("data")?) else {
        return Ok(None);
    };
    let (Ok(edge), Ok(camera)) = (EdgeId::new(edge), camera.map(CameraId::new).transpose()) else {
        return Ok(None);
    };
    let sequence: i64 = row.try_get("sequence")?;
    Ok(Some(Stored {
        edge,
        camera,
        event,
        time: row.try_get("time")?,
        outbox: OutboxId(row.try_get("outbox")?),
        sequence: sequence.unsigned_abs(),
    }))
}

/// A track as it was stored; none when this version cannot read it.
fn read_track(row: &PgRow) -> Result<Option<Trajectory>, sqlx::Error> {
    let class: String = row.try_get("class")?;
    let side = |column: &str| row.try_get::<i32, _>(column).map(|px| u16::try_from(px).unwrap_or(1));
    let unseen: Option<Vec<i16>> = row.try_get("unseen")?;
    let Some(class) = RoadUserClass::parse(&class) else { return Ok(None) };
    let data = TrackData {
        track: row.try_get::<i64, _>("track")?.unsigned_abs(),
        class,
        confidence: row.try_get::<f32, _>("confidence")?.into(),
        from: row.try_get("track_from")?,
        frame: [side("frame_width_px")?, side("frame_height_px")?],
        points: row.try_get("points")?,
        unseen: unseen.unwrap_or_default().into_iter().filter_map(|i| u16::try_from(i).ok()).collect(),
        goes_on: row.try_get("goes_on")?,
        model: None,
        config: 0,
    };
    Ok(Trajectory::of(&data).ok())
}
