//! Who did and who looked: one row for each write and each look at personal pictures.
//!
//! The dashboard asks for the newest picture of each camera every few seconds, so looks at *newest pictures* are
//! one row per person, camera and hour; looks at evidence are a row each.

use chrono::{DateTime, Utc};
use ngatu_protocol::{CameraId, EdgeId};
use sqlx::{PgConnection, PgPool};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// One act to record.
#[derive(Debug)]
pub struct Act<'a> {
    /// The person; none for a device.
    pub actor: Option<Uuid>,
    /// What was done, such as `alert.acknowledge`.
    pub action: &'a str,
    /// On what, such as an alert's id.
    pub subject: &'a str,
    /// What else is worth knowing.
    pub detail: serde_json::Value,
}

/// Writes one audit row; the database chains it to the one before (see [`super::chain`]). A look or a write whose row cannot be written must fail, so that nothing goes unrecorded.
///
/// # Errors
/// When the database refuses.
pub async fn record(pool: &PgPool, act: Act<'_>, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    record_in(&mut *pool.acquire().await?, act, now).await
}

/// Writes one audit row in the caller's transaction: the act and its row are committed together, or not at all. As the last
/// thing before COMMIT: the rows' chain stays locked until then, and no other lock may be taken under it.
///
/// # Errors
/// When the database refuses.
pub async fn record_in(
    connection: &mut PgConnection,
    act: Act<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into audit (at, actor, action, subject, detail) values ($1, $2, $3, $4, $5)")
        .bind(now)
        .bind(act.actor)
        .bind(act.action)
        .bind(act.subject)
        .bind(act.detail)
        .execute(connection)
        .await?;
    Ok(())
}

const HOUR_S: i64 = 3600;

/// Which looks at newest pictures have their row for this hour already.
#[derive(Debug, Default)]
pub struct PictureLooks(Mutex<HashMap<(Uuid, EdgeId, CameraId), i64>>);

impl PictureLooks {
    /// Whether this is the person's first look at the camera in this hour, since this process started.
    pub fn is_first(&self, person: Uuid, edge: &EdgeId, camera: &CameraId, now: DateTime<Utc>) -> bool {
        let hour = now.timestamp().div_euclid(HOUR_S);
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() > 10_000 {
            looks.retain(|_, seen| *seen == hour);
        }
        looks.insert((person, edge.clone(), camera.clone()), hour) != Some(hour)
    }

    /// Forgets a look whose row could not be written, so that the next one is tried again.
    pub fn forget(&self, person: Uuid, edge: &EdgeId, camera: &CameraId) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.remove(&(person, edge.clone(), camera.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_that_polls_a_camera_is_recorded_once_an_hour() {
        let looks = PictureLooks::default();
        let (person, edge, camera) = (Uuid::now_v7(), EdgeId::new("e").unwrap(), CameraId::new("c").unwrap());
        let at = |s| DateTime::from_timestamp(s, 0).unwrap();
        assert!(looks.is_first(person, &edge, &camera, at(7200)));
        assert!(!looks.is_first(person, &edge, &camera, at(10_799)));
        assert!(looks.is_first(person, &edge, &camera, at(10_800)));
        assert!(looks.is_first(Uuid::now_v7(), &edge, &camera, at(10_800)));
        looks.forget(person, &edge, &camera);
        assert!(looks.is_first(person, &edge, &camera, at(10_801)));
    }
}
