//! Configuration: what the center pushes to an edge, and the file that people write. What is accepted stays accepted,
//! and every rule of it refers to a zone that exists.

use ngatu_protocol::EdgeConfig;
use ngatu_protocol::camera::{CameraConfig, check_cameras};
use serde::Deserialize;

fn check_accepted(cameras: &[CameraConfig]) {
    for camera in cameras {
        assert!(camera.analysis_fps > 0.0 && !camera.name.is_empty());
        for rule in &camera.rules {
            let is_there = |id: &ngatu_protocol::ZoneId| camera.zones.iter().any(|zone| zone.id == *id);
            assert!(rule.kind.is_built() && rule.zone.as_ref().is_none_or(is_there));
            assert!(rule.hold_s() >= 0.0);
        }
    }
}

/// The retained configuration on an edge's topic.
pub fn edge_config(payload: &[u8]) {
    let Ok(config) = EdgeConfig::read(payload) else { return };
    check_accepted(&config.cameras);
    let again = serde_json::to_vec(&config).expect("a configuration is JSON");
    EdgeConfig::read(&again).expect("an accepted configuration is accepted again");
}

/// The cameras of a city file, or of a file with cameras alone.
pub fn city_file(bytes: &[u8]) {
    #[derive(Deserialize)]
    struct Edge {
        #[serde(default, rename = "camera")]
        cameras: Vec<CameraConfig>,
    }
    #[derive(Deserialize)]
    struct City {
        #[serde(default, rename = "edge")]
        edges: Vec<Edge>,
        #[serde(flatten)]
        own: Edge,
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(city) = toml::from_str::<City>(text) else { return };
    for edge in city.edges.iter().chain([&city.own]) {
        if check_cameras(&edge.cameras).is_empty() {
            check_accepted(&edge.cameras);
        }
    }
}
