//! The city file: TOML with `[[area]]`, `[[edge]]`, `[[edge.camera]]`, `[[procedure]]` and `[[signal_source]]`.

use crate::incidents::SignalSource;
use crate::incidents::procedure::{Procedure, check_all};
use crate::policy::PolicyBody;
use ngatu_protocol::camera::{CameraConfig, ConfigError, check_cameras};
use ngatu_protocol::{AreaId, EdgeId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization as _;

/// A whole city.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityFile {
    /// The areas that cameras lie in and people are given.
    #[serde(default, rename = "area", skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<CityArea>,
    /// The edges.
    #[serde(default, rename = "edge")]
    pub edges: Vec<CityEdge>,
    /// What is to be done for each kind of incident, where it differs from what is shipped.
    #[serde(default, rename = "procedure", skip_serializing_if = "Vec::is_empty")]
    pub procedures: Vec<Procedure>,
    /// Sensors and other systems, and the values from which their readings are incidents.
    #[serde(default, rename = "signal_source", skip_serializing_if = "Vec::is_empty")]
    pub signal_sources: Vec<SignalSource>,
    /// Which events become alerts; when it is not there, what holds goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyBody>,
}

/// One area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityArea {
    /// Its id.
    pub id: AreaId,
    /// What people call it.
    pub name: String,
}

/// One edge with its cameras.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityEdge {
    /// Its id.
    pub id: EdgeId,
    /// What people call it.
    pub name: String,
    /// Its cameras.
    #[serde(default, rename = "camera")]
    pub cameras: Vec<CameraConfig>,
}

/// Why a city was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// Not TOML, an unknown key or kind, or a value of the wrong type.
    #[error("{0}")]
    Parse(#[from] toml::de::Error),
    /// Values that cannot be used, all of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Values(Vec<ConfigError>),
    /// The database failed.
    #[error("store the city: {0}")]
    Database(#[from] sqlx::Error),
    /// What the database holds could not be read back.
    #[error("read the city: {0}")]
    Stored(String),
}

impl CityFile {
    /// Reads and checks a city file.
    ///
    /// # Errors
    /// All mistakes at once, each with its key.
    pub fn parse(text: &str) -> Result<CityFile, CityError> {
        let mut city: CityFile = toml::from_str(text)?;
        city.compose_names();
        let mut errors = city.policy.as_ref().map(PolicyBody::check).unwrap_or_default();
        errors.iter_mut().for_each(|error| error.key.insert_str(0, "policy."));
        let mut areas = BTreeSet::new();
        for area in &city.areas {
            let mut error = |key: &str, reason: &str| {
                errors
                    .push(ConfigError { key: format!("area[{}].{key}", area.id), reason: reason.to_owned() });
            };
            if !areas.insert(&area.id) {
                error("id", "two areas have this id");
            }
            if !is_name(&area.name) {
                error("name", NAME_WANTED);
            }
        }
        let mut seen = BTreeSet::new();
        for edge in &city.edges {
            let mut error = |key: &str, reason: &str| {
                let key = format!("edge[{}].{key}", edge.id);
                errors.push(ConfigError { key, reason: reason.to_owned() });
            };
            if !seen.insert(&edge.id) {
                error("id", "two edges have this id");
            }
            if !is_name(&edge.name) {
                error("name", NAME_WANTED);
            }
            for camera in &edge.cameras {
                if let Some(area) = camera.area.as_ref().filter(|area| !areas.contains(area)) {
                    error(&format!("camera[{}].area", camera.id), &format!("there is no [[area]] `{area}`"));
                }
            }
            errors.extend(
                check_cameras(&edge.cameras)
                    .into_iter()
                    .map(|error| ConfigError { key: format!("edge[{}].{}", edge.id, error.key), ..error }),
            );
        }
        for error in check_all(&city.procedures) {
            let key = format!("procedure[{}].{}", error.kind, error.key);
            errors.push(ConfigError { key, reason: error.reason });
        }
        let mut sources = BTreeSet::new();
        for source in &city.signal_sources {
            let area = source.area.as_ref().filter(|area| areas.iter().all(|known| known.as_str() != **area));
            let area = area.map(|area| ("area".to_owned(), format!("there is no [[area]] `{area}`")));
            let twice = !sources.insert(&source.id);
            let twice = twice.then(|| ("id".to_owned(), "two signal sources have this id".to_owned()));
            for (key, reason) in source.check().into_iter().chain(area).chain(twice) {
                errors.push(ConfigError { key: format!("signal_source[{}].{key}", source.id), reason });
            }
        }
        if errors.is_empty() { Ok(city) } else { Err(CityError::Values(errors)) }
    }
}

impl CityFile {
    /// One spelling for names, however they were typed: they are looked for and compared.
    fn compose_names(&mut self) {
        let areas = self.areas.iter_mut().map(|area| &mut area.name);
        let edges = self.edges.iter_mut().flat_map(|edge| {
            std::iter::once(&mut edge.name).chain(edge.cameras.iter_mut().map(|camera| &mut camera.name))
        });
        for name in areas.chain(edges) {
            *name = name.nfc().collect();
        }
    }
}

const NAME_WANTED: &str = "wanted 1 to 200 characters";

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= 200 && !name.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [[area]]
        id = "phuc-khanh"
        name = "Phường Phúc Khánh"
        [[edge]]
        id = "nga-tu-1"
        name = "Ngã tư 1"
        [[edge.camera]]
        id = "north"
        name = "Bắc"
        url = "rtsp://127.0.0.1/north"
        area = "phuc-khanh"
        [[edge.camera.zone]]
        id = "yard"
        points = [[0.3, 0.9], [0.6, 0.9], [0.55, 0.4]]
        [[edge.camera.rule]]
        kind = "intrusion"
        zone = "yard"
    "#;

    #[test]
    fn a_name_is_the_same_however_it_was_typed() {
        let decomposed: String = GOOD.nfd().collect();
        assert_ne!(decomposed, GOOD);
        assert_eq!(CityFile::parse(&decomposed).unwrap(), CityFile::parse(GOOD).unwrap());
    }

    #[test]
    fn the_example_can_be_read() {
        let city = CityFile::parse(include_str!("../../../config/city.example.toml")).unwrap();
        assert_eq!((city.procedures.len(), city.signal_sources.len()), (1, 1));
    }

    #[test]
    fn a_city_reads_back_as_it_was_written() {
        let city = CityFile::parse(GOOD).unwrap();
        let text = toml::to_string(&city).unwrap();
        assert_eq!(CityFile::parse(&text).unwrap(), city);
    }

    #[test]
    fn a_policy_is_part_of_it_and_its_mistakes_are_named() {
        let with = |more: &str| format!("{GOOD}\n[policy]\n[[policy.rule]]\nname = \"đêm\"\n{more}");
        let city = CityFile::parse(&with("hold_off_s = 5")).unwrap();
        assert_eq!(CityFile::parse(&toml::to_string(&city).unwrap()).unwrap(), city);
        for (more, wanted) in
            [("hold_off_s = -5", "policy.rule[0].hold_off_s"), ("colour = 1", "unknown field `colour`")]
        {
            let error = CityFile::parse(&with(more)).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error} should say {wanted}");
        }
    }

    #[test]
    fn each_mistake_is_named_with_its_key() {
        let table = [
            ("kind = \"intrusion\"", "kind = \"camera_lost\"", "edge[nga-tu-1].camera[north].rule[0].kind"),
            ("zone = \"yard\"", "zone = \"garden\"", "there is no zone `garden`"),
            ("name = \"Ngã tư 1\"", "name = \"\"", "edge[nga-tu-1].name"),
            ("area = \"phuc-khanh\"", "area = \"x\"", "edge[nga-tu-1].camera[north].area: there is no"),
            ("name = \"Phường Phúc Khánh\"", "name = \" \"", "area[phuc-khanh].name"),
            ("name = \"Bắc\"", "name = \"Bắc\"\nspeed = 1", "unknown field `speed`"),
        ];
        for (from, to, wanted) in table {
            let error = CityFile::parse(&GOOD.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error} should say {wanted}");
        }
        let twice = format!("{GOOD}{GOOD}");
        assert!(CityFile::parse(&twice).unwrap_err().to_string().contains("two edges"));
    }
}
