//! Commits a batch: time series, ledger, dead letters, edges and alerts in one transaction, or nothing of it.

use super::columns::{self, Head, New};
use super::edges::{self, Cameras, Known, News, note_camera};
use super::in_force::InForce;
use super::item::{Content, Item, Refused, refuse_decoded};
use super::judge::{self, Case};
use super::ledger_rows::{Key, Rows};
use super::outgoing::Outgoing;
use super::short::{self, Witness};
use crate::alerts::store;
use crate::clock;
use crate::live::Hub;
use crate::policy::{OrphanCause, Orphans};
use crate::supervise::Status;
use chrono::{DateTime, Utc};
use ngatu_protocol::{
    Ack, Body, EdgeId, EventData, HealthData, Lane, Loss, ObservationData, Topic, TrackData,
};
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgConnection, PgPool, Postgres};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A transaction that takes longer is given up and tried again.
const PATIENCE: Duration = Duration::from_secs(60);
const FIRST_DELAY: Duration = Duration::from_millis(20);
const LONGEST_DELAY: Duration = Duration::from_secs(1);

/// The one writer of a center.
#[derive(Debug)]
pub(crate) struct Writer {
    pool: PgPool,
    hub: Hub,
    /// Kept from batch to batch, so that none pays for asking whether it still lives.
    connection: Option<PoolConnection<Postgres>>,
    give_up: CancellationToken,
    known: Known,
    ledgers: HashSet<Key>,
    in_force: Option<InForce>,
    /// What shows whether this batch's last COMMIT, whose answer may have been lost, was done.
    doubt: Option<Doubt>,
}

#[derive(Debug, Clone, Copy)]
enum Doubt {
    /// The moment that it wrote into the ledger.
    Stamp(DateTime<Utc>),
    /// A row of it.
    Row(Witness),
}

enum Failure {
    /// The database refuses something in the batch, for this reason.
    Poison(String),
    /// Shutdown while the database was away.
    GivenUp,
}

impl Writer {
    pub(crate) fn new(pool: PgPool, hub: Hub, give_up: CancellationToken) -> Writer {
        let (connection, known, ledgers, in_force, doubt) = Default::default();
        Writer { pool, hub, connection, give_up, known, ledgers, in_force, doubt }
    }

    /// Writes a batch however long it takes, then acknowledges it. If the database refuses something in it, the batch
    /// is halved until that one thing is alone, and only that is dead-lettered.
    pub(crate) async fn write(&mut self, batch: &[Item], outgoing: &Outgoing, status: &Status) {
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            match self.commit_patiently(part, status).await {
                Ok(acks) => outgoing.acknowledge(acks),
                Err(Failure::GivenUp) => return,
                Err(Failure::Poison(_)) if part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
                Err(Failure::Poison(reason)) => self.bury(&part[0], reason, outgoing, status).await,
            }
        }
    }

    async fn bury(&mut self, item: &Item, reason: String, outgoing: &Outgoing, status: &Status) {
        let reason = format!("the database refuses it: {}", reason.replace('\0', "?"));
        let topic = |lane| item.edge.as_ref().map(|edge| Topic::Lane((**edge).clone(), lane).to_string());
        let refused = match &item.content {
            Content::Message(lane, decoded) => {
                refuse_decoded(decoded, &topic(*lane).unwrap_or_default(), *lane, reason)
            }
            other => {
                tracing::error!(?other, reason, "given up");
                return;
            }
        };
        let letter = Item { content: Content::Refused(refused), edge: item.edge.clone(), ..*item };
        match self.commit_patiently(std::slice::from_ref(&letter), status).await {
            Ok(acks) => outgoing.acknowledge(acks),
            Err(Failure::Poison(reason)) => tracing::error!(?letter, reason, "given up"),
            Err(Failure::GivenUp) => {}
        }
    }

    /// Tries until it is committed, refused or given up.
    async fn commit_patiently(
        &mut self,
        items: &[Item],
        status: &Status,
    ) -> Result<Vec<(EdgeId, Ack)>, Failure> {
        self.doubt = None;
        let mut delay = FIRST_DELAY;
        let give_up = self.give_up.clone();
        loop {
            let tried = tokio::select! {
                tried = tokio::time::timeout(PATIENCE, self.commit(items)) => tried,
                () = give_up.cancelled() => return Err(Failure::GivenUp),
            };
            let why = match tried {
                Ok(Ok(acks)) => {
                    status.set("ingest", true, "commits");
                    return Ok(acks);
                }
                Ok(Err(error)) if is_poison(&error) => return Err(Failure::Poison(error.to_string())),
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no answer in {PATIENCE:?}"),
            };
            status.set("ingest", false, format!("waits for the database: {why}"));
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = give_up.cancelled() => return Err(Failure::GivenUp),
            }
            delay = (delay * 2).min(LONGEST_DELAY);
        }
    }

    async fn commit(&mut self, items: &[Item]) -> Result<Vec<(EdgeId, Ack)>, sqlx::Error> {
        let now = clock::now();
        let touched = Touched::by(items);
        // After an error it is not put back: the next try has a new one.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        if let Some(events) = self.takes_short_way(items, &touched)
            && let Some(acks) = self.commit_short(&mut connection, events, (&touched, now)).await?
        {
            // Seldom, and nobody waits for it.
            edges::mark_seen(&mut connection, &self.known, &news(items)).await?;
            self.known.seen.extend(news(items).seen);
            self.connection = Some(connection);
            return Ok(acks);
        }
        // Seldom does health or a state end what nobody else will: only then it needs the lock, and is done again with it.
        let mut locks = touched.alerts;
        let acks = loop {
            if let Some(acks) = self.commit_long(&mut connection, items, (&touched, locks), now).await? {
                break acks;
            }
            locks = true;
        };
        self.connection = Some(connection);
        Ok(acks)
    }

    /// Commits a batch of anything. Answers with nothing, and has done nothing, if it changes alerts and may not.
    async fn commit_long(
        &mut self,
        connection: &mut PgConnection,
        items: &[Item],
        (touched, locks): (&Touched, bool),
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<(EdgeId, Ack)>>, sqlx::Error> {
        let mut transaction = match locks {
            true => store::begin(connection).await?,
            false => connection.begin().await?,
        };
        edges::register(&mut transaction, &self.known, (&touched.edges, &touched.cameras), now).await?;
        let mut rows = Rows::lock(&mut transaction, &touched.ledgers, &self.ledgers, now).await?;
        let sorted = Sorted::new(items, &rows);
        if was_committed(&mut transaction, self.doubt, &rows, (items, &sorted.refused)).await? {
            transaction.rollback().await?;
            return Ok(Some(rows.acks()));
        }
        let mut news = news(items);
        let mut case = store(&mut transaction, &sorted, &mut rows, &mut news).await?;
        bury_all(&mut transaction, &sorted.refused, &mut rows, &mut news).await?;
        for (edge, state) in &news.states {
            for (lane, oldest) in &state.oldest {
                let key = (state.outbox.0, *lane);
                if rows.belongs(key, edge)
                    && let Some(ledger) = rows.ledger(key)
                {
                    ledger.begins_at(*oldest);
                }
            }
        }
        case.orphans.extend(edges::update(&mut transaction, &self.known, &news).await?);
        if !locks && !case.orphans.is_empty() {
            transaction.rollback().await?;
            return Ok(None);
        }
        let seen = news.seen;
        let frames =
            judge::judge(&mut transaction, case, &rows, &mut self.in_force, (&self.hub, now)).await?;
        self.doubt = Some(Doubt::Stamp(now));
        transaction.commit().await?;
        self.hub.hand_over(frames);
        self.known.edges.extend(touched.edges.iter().cloned());
        for (edge, cameras) in &touched.cameras {
            self.known.cameras.entry(Arc::clone(edge)).or_default().extend(cameras.iter().cloned());
        }
        self.known.seen.extend(seen);
        self.ledgers.extend(touched.ledgers.keys().copied());
        Ok(Some(rows.acks()))
    }

    async fn connect(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        // One that fails in the middle is not worth another question.
        connection.close_on_drop();
        // The same few statements for ever, with arrays of which no plan knows more than that they are short: planning each
        // anew costs more than running it. Each finds its rows by a key; a plan that was made while a table was small
        // would read all of it for ever.
        sqlx::raw_sql("set plan_cache_mode = force_generic_plan; set jit = off; set enable_seqscan = off")
            .execute(&mut *connection)
            .await?;
        Ok(connection)
    }

    /// The events of a batch that has nothing else, of edges, cameras and outboxes that are all known.
    fn takes_short_way<'a>(
        &self,
        items: &'a [Item],
        touched: &Touched,
    ) -> Option<Vec<(Head<'a>, &'a EventData)>> {
        let is_known = |edge: &Arc<EdgeId>, cameras: &BTreeSet<_>| {
            self.known.cameras.get(edge).is_some_and(|known| cameras.is_subset(known))
        };
        let known = self.doubt.is_none()
            && touched.edges.iter().all(|edge| self.known.edges.contains(edge))
            && touched.cameras.iter().all(|(edge, cameras)| is_known(edge, cameras))
            && touched.ledgers.keys().all(|key| self.ledgers.contains(key));
        known.then(|| short::only_events(items)).flatten()
    }

    /// Commits them, unless the batch has to take the long way.
    async fn commit_short(
        &mut self,
        connection: &mut PgConnection,
        events: Vec<(Head<'_>, &EventData)>,
        (touched, now): (&Touched, DateTime<Utc>),
    ) -> Result<Option<Vec<(EdgeId, Ack)>>, sqlx::Error> {
        let Some(judged) =
            short::judge(connection, events, &touched.ledgers, self.in_force.as_ref(), (&self.hub, now))
                .await?
        else {
            return Ok(None);
        };
        self.doubt = judged.witness().map(Doubt::Row);
        let Some(written) = judged.write(connection).await? else {
            self.doubt = None;
            return Ok(None);
        };
        self.hub.hand_over(written.news);
        Ok(Some(written.ledger.acks()))
    }
}

/// Whether the batch was committed at `doubt`. It was committed whole or not at all, so one witness is enough: a ledger row
/// with that stamp, or, where the batch has no numbers, its first dead letter. Another center may have written into the rows
/// since; then its numbers tell.
async fn was_committed(
    connection: &mut PgConnection,
    doubt: Option<Doubt>,
    rows: &Rows,
    (items, refused): (&[Item], &[(&Item, Refused)]),
) -> Result<bool, sqlx::Error> {
    let (stamp, first) = match doubt {
        None => return Ok(false),
        Some(Doubt::Row(witness)) => return witness.is_there(connection).await,
        Some(Doubt::Stamp(stamp)) => (stamp, refused.first()),
    };
    match first {
        _ if !rows.is_empty() => {
            Ok(rows.have_stamp(stamp) || items.iter().all(|item| is_settled(item, rows)))
        }
        Some((item, letter)) => sqlx::query_scalar(
            "select exists (select from dead_letters where edge is not distinct from $1 and received_at = $2 \
                   and topic = $3 and raw = $4)",
        )
        .bind(item.edge.as_ref().map(|edge| edge.as_str()))
        .bind(item.received_at)
        .bind(&letter.topic)
        .bind(&letter.raw)
        .fetch_one(connection)
        .await,
        None => Ok(false),
    }
}

/// Whether an item is nothing but messages with numbers, and each is here: stored or dead-lettered, by us or, sent again, by
/// another center. Numbers that are settled for another reason do not count.
fn is_settled(item: &Item, rows: &Rows) -> bool {
    let Some(edge) = &item.edge else { return false };
    let is_here = |outbox, lane, sequence| {
        let row = rows.get((outbox, lane)).filter(|_| rows.belongs((outbox, lane), edge));
        row.map(|row| &row.ledger).is_some_and(|ledger| {
            ledger.acked_before == 0
                && ledger.settled.contains(sequence)
                && !ledger.lost_numbers.contains(sequence)
        })
    };
    match &item.content {
        Content::Message(lane, decoded) => {
            is_here(decoded.envelope.outbox.0, *lane, decoded.envelope.sequence)
        }
        Content::Refused(Refused { lane: Some(lane), numbers, .. }) if !numbers.is_empty() => {
            numbers.iter().all(|(outbox, sequence)| is_here(outbox.0, *lane, *sequence))
        }
        Content::Refused(_) | Content::State(_) => false,
    }
}

/// Whether the database will refuse this batch however often it is tried: data, constraint or size, not the connection.
pub(super) fn is_poison(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
        }
        sqlx::Error::Encode(_) => true,
        _ => false,
    }
}

/// The rows that a batch will need.
#[derive(Default)]
struct Touched {
    edges: BTreeSet<Arc<EdgeId>>,
    cameras: Cameras,
    ledgers: BTreeMap<Key, Arc<EdgeId>>,
    /// Whether it changes alerts for all that is known: an event does, and a loss of events ends what nobody else will.
    alerts: bool,
}

impl Touched {
    fn by(items: &[Item]) -> Touched {
        let mut touched = Touched::default();
        for item in items {
            let Some(edge) = &item.edge else { continue };
            if !touched.edges.contains(edge) {
                touched.edges.insert(Arc::clone(edge));
            }
            let mut ledger = |key| {
                touched.ledgers.entry(key).or_insert_with(|| Arc::clone(edge));
            };
            touched.alerts |= match &item.content {
                Content::Message(lane, decoded) => {
                    matches!((lane, &decoded.body), (Lane::Events, Body::Event(_) | Body::Loss(_)))
                }
                Content::State(_) | Content::Refused(_) => false,
            };
            match &item.content {
                Content::Message(lane, decoded) => {
                    ledger((decoded.envelope.outbox.0, *lane));
                    touched.add_cameras(edge, decoded);
                }
                Content::Refused(Refused { lane: Some(lane), numbers, .. }) => {
                    numbers.iter().for_each(|(outbox, _)| ledger((outbox.0, *lane)));
                }
                Content::Refused(_) => {}
                Content::State(state) => state.oldest.keys().for_each(|lane| ledger((state.outbox.0, *lane))),
            }
        }
        touched
    }

    fn add_cameras(&mut self, edge: &Arc<EdgeId>, decoded: &ngatu_protocol::Decoded) {
        let of_health = match &decoded.body {
            Body::Health(health) => Some(health.cameras.keys()),
            _ => None,
        };
        for camera in decoded.camera.iter().chain(of_health.into_iter().flatten()) {
            note_camera(&mut self.cameras, edge, camera);
        }
    }
}

/// A batch by where its parts go.
#[derive(Default)]
struct Sorted<'a> {
    items: &'a [Item],
    events: Vec<(Head<'a>, &'a EventData)>,
    observations: Vec<(Head<'a>, &'a ObservationData)>,
    tracks: Vec<(Head<'a>, &'a TrackData)>,
    health: Vec<(Head<'a>, &'a HealthData)>,
    losses: Vec<(Head<'a>, Lane, &'a Loss)>,
    refused: Vec<(&'a Item, Refused)>,
}

impl<'a> Sorted<'a> {
    fn new(items: &'a [Item], rows: &Rows) -> Sorted<'a> {
        let mut sorted = Sorted { items, ..Sorted::default() };
        for item in items {
            let (lane, decoded) = match (&item.content, &item.edge) {
                (Content::Message(lane, decoded), Some(_)) => (*lane, decoded),
                (Content::Refused(refused), _) => {
                    sorted.refused.push((item, refused.clone()));
                    continue;
                }
                _ => continue,
            };
            let Some(edge) = &item.edge else { continue };
            if !rows.belongs((decoded.envelope.outbox.0, lane), edge) {
                let topic = Topic::Lane((**edge).clone(), lane).to_string();
                let reason = "the outbox belongs to another edge".to_owned();
                let refused =
                    Refused { numbers: Vec::new(), ..refuse_decoded(decoded, &topic, lane, reason) };
                sorted.refused.push((item, refused));
                continue;
            }
            let head = Head { edge, received_at: item.received_at, message: decoded };
            match &decoded.body {
                Body::Event(event) => sorted.events.push((head, event)),
                Body::Observation(data) => sorted.observations.push((head, data)),
                Body::Track(data) => sorted.tracks.push((head, data)),
                Body::Health(health) => sorted.health.push((head, health)),
                Body::Loss(loss) => sorted.losses.push((head, lane, loss)),
            }
        }
        sorted
    }
}

/// What the batch says of its edges before its parts are judged.
fn news(items: &[Item]) -> News<'_> {
    let mut news = News::default();
    for item in items {
        let Some(edge) = &item.edge else { continue };
        if let Content::State(state) = &item.content {
            news.states.push((Arc::clone(edge), state));
        }
        match news.seen.get_mut(edge) {
            Some(at) => *at = item.received_at.max(*at),
            None => {
                news.seen.insert(Arc::clone(edge), item.received_at);
            }
        }
    }
    news
}

/// Inserts the messages and settles their numbers; answers what the policy must judge.
async fn store<'a>(
    connection: &mut PgConnection,
    sorted: &Sorted<'a>,
    rows: &mut Rows,
    news: &mut News<'a>,
) -> Result<Case<'a>, sqlx::Error> {
    let mut case = Case::default();
    let mut new = columns::insert_events(connection, &sorted.events).await?;
    for (head, event) in &sorted.events {
        let (outbox, sequence) = head.number();
        let late = rows.get((outbox, Lane::Events)).is_some_and(|row| sequence <= row.highest_before);
        if settle(rows, head, Lane::Events, &mut new) {
            case.events.push((Head { ..*head }, event, late));
        }
    }
    let mut new = columns::insert_observations(connection, &sorted.observations).await?;
    for (head, _) in &sorted.observations {
        settle(rows, head, Lane::Observations, &mut new);
    }
    let mut new = columns::insert_tracks(connection, &sorted.tracks).await?;
    for (head, _) in &sorted.tracks {
        settle(rows, head, Lane::Tracks, &mut new);
    }
    let heads: Vec<Head<'_>> = sorted.health.iter().map(|(head, _)| Head { ..*head }).collect();
    let mut new = columns::insert_health(connection, &heads).await?;
    for (head, health) in &sorted.health {
        let (outbox, sequence) = head.number();
        let newer = rows.get((outbox, Lane::Health)).is_none_or(|row| sequence > row.highest_before);
        if settle(rows, head, Lane::Health, &mut new) && newer {
            note_health(news, sorted.items, (head, health));
        }
    }
    for (head, lane, loss) in &sorted.losses {
        let (outbox, sequence) = head.number();
        let new = columns::insert_loss(connection, (head, lane.as_str(), loss)).await?;
        if let Some(ledger) = rows.ledger((outbox, *lane)) {
            ledger.stored(sequence, new);
            ledger.lost(loss.from, loss.to);
        }
        if new && *lane == Lane::Events {
            let at = head.message.envelope.time;
            let cause = OrphanCause::Loss(head.message.envelope.outbox, loss.to);
            case.orphans.push((Arc::new(head.edge.clone()), Orphans { at, cause }));
        }
    }
    Ok(case)
}

/// Settles a number; answers whether its row is new.
fn settle(rows: &mut Rows, head: &Head<'_>, lane: Lane, new: &mut New) -> bool {
    let (outbox, sequence) = head.number();
    let Some(ledger) = rows.ledger((outbox, lane)) else { return false };
    let before = ledger.received;
    ledger.stored(sequence, new.take((outbox, sequence)));
    ledger.received > before
}

/// Keeps the health of the highest number of each edge.
fn note_health<'a>(news: &mut News<'a>, items: &'a [Item], (head, health): (&Head<'a>, &'a HealthData)) {
    let known = news.health.iter().find(|(edge, _)| ***edge == *head.edge);
    if known.is_some_and(|(_, (other, _))| other.number().1 > head.number().1) {
        return;
    }
    let edge = items.iter().filter_map(|item| item.edge.as_ref()).find(|edge| ***edge == *head.edge);
    if let Some(edge) = edge {
        news.health.insert(Arc::clone(edge), (Head { ..*head }, health));
    }
}

/// Writes dead letters down and settles their numbers. One that was refused before is not written again: the ledger
/// knows it by its number, and one without a number is looked for among the sender's newest letters.
async fn bury_all(
    connection: &mut PgConnection,
    refused: &[(&Item, Refused)],
    rows: &mut Rows,
    news: &mut News<'_>,
) -> Result<(), sqlx::Error> {
    for (item, letter) in refused {
        let mut is_news = letter.numbers.is_empty();
        for (outbox, sequence) in &letter.numbers {
            let Some((edge, lane)) = item.edge.as_ref().zip(letter.lane) else { continue };
            let key = (outbox.0, lane);
            if !rows.belongs(key, edge) {
                is_news = true;
            } else if let Some(ledger) = rows.ledger(key) {
                is_news |= ledger.refused(*sequence);
            }
        }
        if !is_news {
            continue;
        }
        if let Some(edge) = &item.edge {
            *news.dead_letters.entry(Arc::clone(edge)).or_default() += 1;
        }
        if letter.numbers.is_empty() && is_repeated(connection, item, letter).await? {
            continue;
        }
        write_letter(connection, item, letter).await?;
    }
    Ok(())
}

/// Whether the same bytes of the same edge were refused a short while ago. They are counted, and kept once: a sender that
/// says the same for ever fills no table.
async fn is_repeated(
    connection: &mut PgConnection,
    item: &Item,
    letter: &Refused,
) -> Result<bool, sqlx::Error> {
    // What has no edge comes from nobody who can repeat it: the broker lets a device write under its own name only.
    let Some(edge) = &item.edge else { return Ok(false) };
    sqlx::query_scalar(
        "select exists (select from (select topic, reason, raw from dead_letters where edge = $1 \
             order by received_at desc limit 50) newest where topic = $2 and reason = $3 and raw = $4)",
    )
    .bind(edge.as_str())
    .bind(&letter.topic)
    .bind(&letter.reason)
    .bind(&letter.raw)
    .fetch_one(connection)
    .await
}

async fn write_letter(
    connection: &mut PgConnection,
    item: &Item,
    letter: &Refused,
) -> Result<(), sqlx::Error> {
    let number = letter.numbers.first();
    let received_at: DateTime<Utc> = item.received_at;
    sqlx::query(
        "insert into dead_letters (received_at, edge, topic, outbox, sequence, reason, raw) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(received_at)
    .bind(item.edge.as_ref().map(|edge| edge.as_str()))
    .bind(&letter.topic)
    .bind(number.map(|(outbox, _)| outbox.0))
    .bind(number.and_then(|(_, sequence)| i64::try_from(*sequence).ok()))
    .bind(&letter.reason)
    .bind(&letter.raw)
    .execute(connection)
    .await?;
    Ok(())
}
