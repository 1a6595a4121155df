//! Events that started and did not end yet, on disk: after a crash the next run ends them, so that no alert stays
//! active for ever because its end was never seen.

use crate::facts::new_id;
use crate::files::replace;
use chrono::{DateTime, Utc};
use ngatu_protocol::{Body, CameraId, EndReason, EventData, Message, Phase, RuleId, Why};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What an event's start and end have in common.
pub(super) type Key = (CameraId, RuleId, Option<u64>);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Open {
    camera: CameraId,
    event: EventData,
}

/// The events that are active.
pub(super) struct OpenEvents {
    file: PathBuf,
    open: Mutex<BTreeMap<Key, Open>>,
}

impl OpenEvents {
    /// Reads the file and empties it; returns the ends of the events that the last run left active.
    pub(super) fn load(file: PathBuf, now: DateTime<Utc>) -> (OpenEvents, Vec<Message>) {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|_| "[]".into());
        let left: Vec<Open> = serde_json::from_str(&text).unwrap_or_else(|error| {
            tracing::error!(file = %file.display(), %error, "active events of the last run cannot be read");
            Vec::new()
        });
        let end = |Open { camera, event }: &Open| {
            let why = Some(Why::end(EndReason::AgentRestarted, []));
            let event = EventData { phase: Phase::End, why, snapshot: None, ..event.clone() };
            Message { id: new_id(now), camera: Some(camera.clone()), time: now, body: Body::Event(event) }
        };
        let ends = left.iter().map(end).collect();
        let open = left.into_iter().map(|open| (key(&open.camera, &open.event), open)).collect();
        (OpenEvents { file, open: Mutex::new(open) }, ends)
    }

    /// Keeps the starts among the messages.
    pub(super) fn note_starts(&self, messages: &[Message]) {
        let starts = messages.iter().filter_map(|message| match (&message.camera, &message.body) {
            (Some(camera), Body::Event(event)) if event.phase == Phase::Start => {
                Some((key(camera, event), Open { camera: camera.clone(), event: event.clone() }))
            }
            _ => None,
        });
        let starts: Vec<_> = starts.collect();
        if !starts.is_empty() {
            self.change(|open| open.extend(starts));
        }
    }

    /// The keys of the ends among the messages.
    pub(super) fn ends_in(messages: &[Message]) -> Vec<Key> {
        let end = |message: &Message| match (&message.camera, &message.body) {
            (Some(camera), Body::Event(event)) if event.phase == Phase::End => Some(key(camera, event)),
            _ => None,
        };
        messages.iter().filter_map(end).collect()
    }

    /// Forgets events that have ended.
    pub(super) fn forget(&self, ended: &[Key]) {
        if !ended.is_empty() {
            self.change(|open| open.retain(|key, _| !ended.contains(key)));
        }
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<Key, Open>)) {
        // Held while writing, so that the file is never older than a change that somebody relies on.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut open);
        let all: Vec<&Open> = open.values().collect();
        if let Err(error) = write(&self.file, &all) {
            tracing::warn!(%error, "active events are not on disk");
        }
    }
}

fn key(camera: &CameraId, event: &EventData) -> Key {
    (camera.clone(), event.rule.clone(), event.track)
}

fn write(file: &Path, all: &[&Open]) -> anyhow::Result<()> {
    Ok(replace(file, &serde_json::to_vec(all)?, 0o644)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use chrono::TimeZone;

    fn lost(camera: &str, phase: Phase, at: DateTime<Utc>) -> Message {
        let text = format!("id = \"{camera}\"\nname = \"c\"\nurl = \"file:///c\"");
        let camera = toml::from_str(&text).unwrap();
        Facts { camera: &camera, config: 3, track_base: 0, model: "motion", ground: None }.camera_lost(
            phase,
            at,
            Why::default(),
        )
    }

    #[test]
    fn what_a_crash_left_active_is_ended_by_the_next_run() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("open-events.json");
        let at = |s| Utc.timestamp_opt(s, 0).unwrap();
        let (first, left) = OpenEvents::load(file.clone(), at(0));
        assert!(left.is_empty());
        first.note_starts(&[lost("north", Phase::Start, at(1)), lost("south", Phase::Start, at(1))]);
        first.forget(&OpenEvents::ends_in(&[lost("north", Phase::End, at(2))]));
        drop(first);

        let (second, left) = OpenEvents::load(file.clone(), at(9));
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].camera.as_ref().unwrap().as_str(), "south");
        assert_eq!(left[0].time, at(9));
        second.forget(&OpenEvents::ends_in(&left));
        assert!(OpenEvents::load(file, at(10)).1.is_empty());
    }

    #[test]
    fn a_broken_file_does_not_stop_the_agent() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("open-events.json");
        std::fs::write(&file, "[{").unwrap();
        assert!(OpenEvents::load(file, DateTime::UNIX_EPOCH).1.is_empty());
    }
}
