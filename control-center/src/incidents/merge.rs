//! Which open incident a new source belongs to: same kind, near enough, soon enough. Pure.

use super::procedure::Merging;
use crate::alerts::AlertPlace;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Mean radius of the earth, m (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Metres between two places along the great circle (haversine formula).
#[must_use]
pub fn distance_m(a: AlertPlace, b: AlertPlace) -> f64 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let (half_lat, half_lon) = ((lat_b - lat_a) / 2.0, (b.lon - a.lon).to_radians() / 2.0);
    let h = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
    2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
}

/// What is new.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    /// Where, if that is known.
    pub place: Option<AlertPlace>,
    /// The camera or sensor that it comes from; the same one is near without a place.
    pub source_key: Option<&'a str>,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The area that it lies in.
    pub area: Option<&'a str>,
}

/// An unfinished incident of the same kind.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The incident.
    pub id: Uuid,
    /// Where it is.
    pub place: Option<AlertPlace>,
    /// The camera or sensor of its first source.
    pub source_key: Option<String>,
    /// When its newest source happened.
    pub last_source_at: DateTime<Utc>,
    /// The area that it lies in.
    pub area: Option<String>,
}

/// The incident that the newcomer joins: the nearest within the rule's distance and time; of equally near ones the newest.
/// Incidents of another area are never joined, because not the same people see them.
#[must_use]
pub fn find(newcomer: Newcomer<'_>, candidates: &[Candidate], rule: Merging) -> Option<Uuid> {
    let near = candidates.iter().filter_map(|candidate| {
        let apart_s = (newcomer.at - candidate.last_source_at).num_seconds().abs();
        if apart_s > rule.within_s || newcomer.area != candidate.area.as_deref() {
            return None;
        }
        let same_source =
            newcomer.source_key.is_some() && newcomer.source_key == candidate.source_key.as_deref();
        let distance_m = match (newcomer.place, candidate.place) {
            _ if same_source => 0.0,
            (Some(a), Some(b)) => distance_m(a, b),
            _ => return None,
        };
        (distance_m <= rule.within_m).then_some((distance_m, apart_s, candidate.id))
    });
    near.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2))).map(|(.., id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    const HERE: AlertPlace = AlertPlace { lat: 20.4463, lon: 106.3366 };
    const RULE: Merging = Merging { within_m: 150.0, within_s: 600 };

    fn at(s: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + s, 0).unwrap()
    }

    fn north_of(place: AlertPlace, metres: f64) -> AlertPlace {
        AlertPlace { lat: place.lat + (metres / EARTH_RADIUS_M).to_degrees(), ..place }
    }

    fn candidate(place: Option<AlertPlace>, s: i64) -> Candidate {
        Candidate {
            id: Uuid::now_v7(),
            place,
            source_key: Some("e-1/north".into()),
            last_source_at: at(s),
            area: None,
        }
    }

    #[test]
    fn a_newcomer_joins_the_nearest_within_distance_and_time() {
        let far = candidate(Some(north_of(HERE, 140.0)), 0);
        let near = candidate(Some(north_of(HERE, 20.0)), -590);
        let both = [far.clone(), near.clone()];
        let newcomer = |metres, s| Newcomer {
            place: Some(north_of(HERE, metres)),
            source_key: Some("e-2/south"),
            at: at(s),
            area: None,
        };
        assert_eq!(find(newcomer(0.0, 0), &both, RULE), Some(near.id));
        assert_eq!(find(newcomer(0.0, 11), &both, RULE), Some(far.id), "the near one is 601 s old");
        assert_eq!(find(newcomer(0.0, 601), &both, RULE), None);
        assert_eq!(find(newcomer(-140.0, 0), &both, RULE), None);
        let elsewhere = Newcomer { area: Some("south"), ..newcomer(0.0, 0) };
        assert_eq!(find(elsewhere, &both, RULE), None, "not the same people see it");
    }

    #[test]
    fn without_a_place_only_the_same_camera_is_near() {
        let known = [candidate(None, 0)];
        let newcomer = |key| Newcomer { place: None, source_key: key, at: at(5), area: None };
        assert_eq!(find(newcomer(Some("e-1/north")), &known, RULE), Some(known[0].id));
        assert_eq!(find(newcomer(Some("e-1/south")), &known, RULE), None);
        assert_eq!(find(newcomer(None), &known, RULE), None);
    }

    proptest! {
        #[test]
        fn a_distance_is_a_distance(
            a in (-90.0..90.0_f64, -180.0..180.0_f64), b in (-90.0..90.0_f64, -180.0..180.0_f64), s in 0..1200_i64,
        ) {
            let (a, b) = (AlertPlace { lat: a.0, lon: a.1 }, AlertPlace { lat: b.0, lon: b.1 });
            let (there, back) = (distance_m(a, b), distance_m(b, a));
            prop_assert!(there.is_finite() && (0.0..=20_016_000.0).contains(&there));
            prop_assert!((there - back).abs() < 1e-3);
            prop_assert!(distance_m(a, a) < 1e-3);
            // The order of the candidates does not matter.
            let list = [candidate(Some(a), 0), candidate(Some(b), s)];
            let reversed = [list[1].clone(), list[0].clone()];
            let newcomer = Newcomer { place: Some(a), source_key: None, at: at(0) + TimeDelta::seconds(s), area: None };
            let rule = Merging { within_m: 1e9, within_s: 600 };
            prop_assert_eq!(find(newcomer, &list, rule), find(newcomer, &reversed, rule));
        }
    }
}
