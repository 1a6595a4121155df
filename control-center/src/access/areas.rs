//! Areas: which part of the city someone sees.
//!
//! A camera lies in at most one area, and so does what comes from it. Three rules, the same everywhere:
//! someone sees what lies in one of their areas; what lies in none is seen only by those who have the whole city; and an
//! id outside one's areas is answered exactly like an id that does not exist (404), never with 403.
//!
//! In code: [`AreaScope::sees`]. In SQL, bind [`AreaScope::bind`] as `$n` and say
//! `($n::text[] is null or area = any($n))`; for tables that name a camera and have no area of their own,
//! `($n::text[] is null or (edge, camera) in (select edge, id from cameras where area = any($n)))`.

use ngatu_protocol::{CameraId, EdgeId};
use sqlx::PgPool;
use std::sync::Arc;

/// The word for the whole city among a person's areas.
pub const EVERYWHERE: &str = "*";

/// The part of the city that someone sees. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaScope(Option<Arc<[String]>>);

impl AreaScope {
    /// All areas, and what lies in none.
    #[must_use]
    pub fn whole_city() -> AreaScope {
        AreaScope(None)
    }

    /// From the words in `users.areas`: ids of areas, or `*`. No word means no area.
    #[must_use]
    pub fn of(words: Vec<String>) -> AreaScope {
        if words.iter().any(|word| word == EVERYWHERE) {
            AreaScope(None)
        } else {
            AreaScope(Some(words.into()))
        }
    }

    /// The words for `users.areas` and the API.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.0.as_ref().map_or_else(|| vec![EVERYWHERE.to_owned()], |areas| areas.to_vec())
    }

    /// Whether it is the whole city.
    #[must_use]
    pub fn is_whole_city(&self) -> bool {
        self.0.is_none()
    }

    /// Whether something of that area is seen; `None` for what lies in no area.
    #[must_use]
    pub fn sees(&self, area: Option<&str>) -> bool {
        match (&self.0, area) {
            (None, _) => true,
            (Some(areas), Some(area)) => areas.iter().any(|own| own == area),
            (Some(_), None) => false,
        }
    }

    /// Whether something can lie within both.
    #[must_use]
    pub fn overlaps(&self, other: &AreaScope) -> bool {
        match (&self.0, &other.0) {
            (Some(own), Some(others)) => own.iter().any(|area| others.contains(area)),
            (None, _) | (_, None) => true,
        }
    }

    /// To bind as `$n` in `($n::text[] is null or area = any($n))`: null is the whole city.
    #[must_use]
    pub fn bind(&self) -> Option<Vec<String>> {
        self.0.as_ref().map(|areas| areas.to_vec())
    }
}

/// Whether a camera is seen. One that nobody knows lies in no area.
///
/// # Errors
/// When the database refuses.
pub async fn sees_camera(
    pool: &PgPool,
    areas: &AreaScope,
    (edge, camera): (&EdgeId, &CameraId),
) -> Result<bool, sqlx::Error> {
    let Some(areas) = areas.bind() else { return Ok(true) };
    sqlx::query_scalar("select exists (select from cameras where edge = $1 and id = $2 and area = any($3))")
        .bind(edge.as_str())
        .bind(camera.as_str())
        .bind(areas)
        .fetch_one(pool)
        .await
}

/// Whether a picture that is evidence is seen: it lies where the camera lies that took it, or the citizen's report. One of a
/// report that nobody has placed yet is seen by who triages.
///
/// # Errors
/// When the database refuses.
pub async fn sees_evidence(
    pool: &PgPool,
    (areas, triages): (&AreaScope, bool),
    digest: &str,
) -> Result<bool, sqlx::Error> {
    let Some(areas) = areas.bind() else { return Ok(true) };
    sqlx::query_scalar(
        "select exists (select from evidence e join cameras c on c.edge = e.edge and c.id = e.camera
                        where e.digest = $1 and c.area = any($2))
           or exists (select from report_pictures p join reports r on r.number = p.report
                      where p.digest = $1 and (r.area = any($2) or (r.area is null and $3)))",
    )
    .bind(digest)
    .bind(areas)
    .bind(triages)
    .fetch_one(pool)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sees_ones_own_areas_and_only_the_whole_city_sees_what_has_none() {
        let of = |words: &[&str]| AreaScope::of(words.iter().map(ToString::to_string).collect());
        let table: &[(&[&str], Option<&str>, bool)] = &[
            (&["*"], Some("north"), true),
            (&["*"], None, true),
            (&["north", "*"], None, true),
            (&["north"], Some("north"), true),
            (&["north", "south"], Some("south"), true),
            (&["north"], Some("south"), false),
            (&["north"], None, false),
            (&[], Some("north"), false),
            (&[], None, false),
        ];
        for (words, area, seen) in table {
            assert_eq!(of(words).sees(*area), *seen, "{words:?} and {area:?}");
        }
        assert!(of(&["a", "b"]).overlaps(&of(&["b"])) && of(&["*"]).overlaps(&of(&["b"])));
        assert!(!of(&["a"]).overlaps(&of(&["b"])) && !of(&[]).overlaps(&of(&["b"])));
        assert_eq!(of(&["*"]).bind(), None);
        assert_eq!(of(&[]).bind(), Some(vec![]));
        assert_eq!(of(&["north"]).words(), ["north"]);
        assert_eq!(of(&["a", "*"]).words(), ["*"]);
    }
}
