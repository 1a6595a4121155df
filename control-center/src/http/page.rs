//! Paging: a limit, and the queries that go on where the last page ended.

use super::cursor::{self, Forged};
use super::problem::Error;
use crate::access::AreaScope;
use chrono::{DateTime, Utc};
use ngatu_protocol::{CameraId, EdgeId};
use serde::Deserialize;
use sqlx::{Postgres, QueryBuilder};
use utoipa::IntoParams;
use uuid::Uuid;

pub(crate) use super::cursor::{Cursor, encode, encode_texts};

const DEFAULT_LIMIT: i64 = 100;
const MAX_LIMIT: i64 = 500;

/// Which page of a list of things that people made.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// How many on a page; 500 by default.
    #[param(minimum = 1, maximum = 500)]
    pub(crate) limit: Option<i64>,
}

impl PageQuery {
    /// The rows of the page.
    pub(crate) fn limit(&self) -> Result<i64, Error> {
        limit(Some(self.limit.unwrap_or(MAX_LIMIT)))
    }

    /// Where the page before ended, as [`encode_texts`] wrote it.
    pub(crate) fn after<const N: usize>(&self) -> Result<Option<[String; N]>, Error> {
        Ok(self.cursor.as_deref().map(cursor::open_texts).transpose()?)
    }
}

/// The rows of a page: as asked, 1..=500, or 100.
pub(crate) fn limit(asked: Option<i64>) -> Result<i64, Error> {
    match asked {
        None => Ok(DEFAULT_LIMIT),
        Some(rows @ 1..=MAX_LIMIT) => Ok(rows),
        Some(rows) => Err(Error::BadRequest(format!("limit {rows} is outside 1..={MAX_LIMIT}"))),
    }
}

/// Cuts the extra row off that was read to see whether there is a next page, and makes its cursor from the last one.
pub(crate) fn cut<T>(items: &mut Vec<T>, limit: i64, cursor_of: impl Fn(&T) -> String) -> Option<String> {
    let limit = usize::try_from(limit).expect("a limit is 1..=500");
    if items.len() <= limit {
        return None;
    }
    items.truncate(limit);
    items.last().map(cursor_of)
}

/// Adds a window of time on column `time`.
pub(crate) fn push_window(
    sql: &mut QueryBuilder<Postgres>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) {
    if let Some(from) = from {
        sql.push(" and time >= ").push_bind(from);
    }
    if let Some(to) = to {
        sql.push(" and time < ").push_bind(to);
    }
}

/// Keeps to an edge and to a camera.
pub(crate) fn push_source(
    sql: &mut QueryBuilder<Postgres>,
    edge: Option<&EdgeId>,
    camera: Option<&CameraId>,
) {
    if let Some(edge) = edge {
        sql.push(" and edge = ").push_bind(edge.as_str().to_owned());
    }
    if let Some(camera) = camera {
        sql.push(" and camera = ").push_bind(camera.as_str().to_owned());
    }
}

/// Keeps to the areas that the person sees, for tables that name a camera as `edge` and `camera`.
pub(crate) fn push_areas(sql: &mut QueryBuilder<Postgres>, areas: &AreaScope) {
    if let Some(areas) = areas.bind() {
        sql.push(" and (edge, camera) in (select edge, id from cameras where area = any(");
        sql.push_bind(areas).push("))");
    }
}

/// A cursor of the key of the time series tables.
pub(crate) fn encode_key(time: DateTime<Utc>, outbox: Uuid, sequence: i64) -> String {
    encode(time, &[outbox.to_string(), sequence.to_string()])
}

/// Goes on behind a cursor of [`encode_key`], the newest first, and reads one row more than a page has.
pub(crate) fn push_page(
    sql: &mut QueryBuilder<Postgres>,
    cursor: Option<&str>,
    limit: i64,
) -> Result<(), Error> {
    if let Some(cursor) = cursor {
        push_after(sql, &Cursor::open(cursor)?)?;
    }
    sql.push(" order by time desc, outbox desc, sequence desc limit ").push_bind(limit + 1);
    Ok(())
}

/// Goes on behind a cursor of time, outbox and sequence, the key of the time series tables.
fn push_after(sql: &mut QueryBuilder<Postgres>, cursor: &Cursor) -> Result<(), Error> {
    let (time, outbox, sequence) = (cursor.time()?, cursor.key::<Uuid>(1)?, cursor.key::<i64>(2)?);
    // The first condition is implied by the second, but only the first lets whole partitions be left out.
    sql.push(" and time <= ").push_bind(time);
    sql.push(" and (time, outbox, sequence) < (").push_bind(time).push(", ").push_bind(outbox);
    sql.push(", ").push_bind(sequence).push(")");
    Ok(())
}

impl From<Forged> for Error {
    fn from(forged: Forged) -> Error {
        Error::BadRequest(forged.to_string())
    }
}

/// What is answered to a cursor that is not ours.
pub(crate) fn bad() -> Error {
    Forged.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_whether_another_follows() {
        let mut items = vec![1, 2, 3];
        assert_eq!(cut(&mut items, 2, ToString::to_string), Some("2".into()));
        assert_eq!(items, [1, 2]);
        assert_eq!(cut(&mut items, 2, ToString::to_string), None);
        assert!(limit(Some(0)).is_err() && limit(Some(501)).is_err());
        assert!(matches!(limit(None), Ok(100)));
    }
}
