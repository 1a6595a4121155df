//! Events: immutable facts that a rule stated about what happened in front of a camera.

use crate::geometry::{Place, Point};
use crate::why::Why;
use crate::{RuleId, ZoneId, storable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! worded_enum {
    ($(#[$doc:meta])* $type:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum $type { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+ }

        impl $type {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            /// The word used on the wire and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($type::$variant => $word),+ }
            }

            /// The value of that word, if there is one.
            #[must_use]
            pub fn parse(word: &str) -> Option<$type> {
                match word { $($word => Some($type::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
    };
}
pub(crate) use worded_enum;

worded_enum!(
    /// What a rule can state. The whole vocabulary is known on the wire; which kinds this version can detect is
    /// [`EventKind::is_built`].
    EventKind {
        /// Someone or something is where it must not be.
        Intrusion = "intrusion",
        /// Someone left a zone that they must stay in.
        ZoneLeft = "zone_left",
        /// Someone stays in a zone longer than allowed.
        Loitering = "loitering",
        /// More people in a zone than allowed.
        Crowd = "crowd",
        /// A thing was left behind.
        AbandonedObject = "abandoned_object",
        /// A person lies on the ground.
        PersonDown = "person_down",
        /// A road user moves against the legal direction.
        WrongWay = "wrong_way",
        /// A vehicle stands where traffic moves.
        StoppedVehicle = "stopped_vehicle",
        /// A vehicle stands where parking is forbidden.
        IllegalParking = "illegal_parking",
        /// A pedestrian is on the carriageway.
        PedestrianOnRoad = "pedestrian_on_road",
        /// A vehicle is faster than allowed.
        Speeding = "speeding",
        /// Traffic is dense and slow.
        Congestion = "congestion",
        /// A queue is longer than allowed.
        QueueTooLong = "queue_too_long",
        /// Two road users probably collided.
        CollisionSuspected = "collision_suspected",
        /// Smoke or fire is probably visible.
        SmokeOrFire = "smoke_or_fire",
        /// The camera is covered, blinded or blurred.
        CameraTampered = "camera_tampered",
        /// The camera no longer looks where it was calibrated.
        CameraMoved = "camera_moved",
        /// No usable picture arrives from the camera.
        CameraLost = "camera_lost",
    }
);

impl EventKind {
    /// Kinds that a rule of a configuration may name in this version. `camera_lost` needs no rule: every camera has it.
    pub const BUILT_RULES: &'static [EventKind] = &[
        EventKind::Intrusion,
        EventKind::ZoneLeft,
        EventKind::Loitering,
        EventKind::Crowd,
        EventKind::AbandonedObject,
        EventKind::PersonDown,
        EventKind::WrongWay,
        EventKind::StoppedVehicle,
        EventKind::IllegalParking,
        EventKind::PedestrianOnRoad,
        EventKind::Speeding,
        EventKind::Congestion,
        EventKind::QueueTooLong,
        EventKind::CollisionSuspected,
        EventKind::SmokeOrFire,
        EventKind::CameraTampered,
        EventKind::CameraMoved,
    ];

    /// Whether a configuration may ask for this kind.
    #[must_use]
    pub fn is_built(self) -> bool {
        Self::BUILT_RULES.contains(&self)
    }
}

worded_enum!(
    /// Classes of road users, by their COCO names, and the size classes of the motion detector.
    RoadUserClass {
        /// A person on foot.
        Person = "person",
        /// A bicycle with its rider.
        Bicycle = "bicycle",
        /// A passenger car.
        Car = "car",
        /// A motorcycle with its riders.
        Motorcycle = "motorcycle",
        /// A bus.
        Bus = "bus",
        /// A lorry.
        Truck = "truck",
        /// Something that moves, of a class that the motion detector cannot tell.
        Object = "object",
    }
);

impl RoadUserClass {
    /// Whether the class is a motor vehicle with four or more wheels; these suppress each other in NMS.
    #[must_use]
    pub fn is_large_vehicle(self) -> bool {
        matches!(self, RoadUserClass::Car | RoadUserClass::Bus | RoadUserClass::Truck)
    }
}

worded_enum!(
    /// Which end of a lasting event a message states.
    Phase {
        /// The condition began.
        Start = "start",
        /// The condition ended; same rule and track as its start.
        End = "end",
    }
);

/// The body of `vn.ngatu.event.v1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventData {
    /// What happened.
    pub kind: EventKind,
    /// The rule that stated it; `camera` for `camera_lost`.
    pub rule: RuleId,
    /// The zone that the rule watches, if it watches one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneId>,
    /// The track, unique per agent start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<u64>,
    /// The track's class by vote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<RoadUserClass>,
    /// Start or end of the condition.
    pub phase: Phase,
    /// How sure the detector is, 0..=1.
    pub confidence: f64,
    /// The foot point of the road user, normalised picture coordinates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Point>,
    /// Where the camera stands or, when calibrated, where it happened, WGS 84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Speed over ground, km/h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_kmh: Option<f64>,
    /// The JPEG that belongs to the event, as `sha256:` and 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// Which detector saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The version of the configuration in force; 0 for one from a local file.
    #[serde(default)]
    pub config: u64,
    /// The edge's estimate of its own clock error, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_error_ms: Option<i64>,
    /// Why the rule stated it: measured values and thresholds, as data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
}

impl EventData {
    /// Checks the ranges that the types do not.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.confidence) {
            return Err(format!("confidence {} is outside 0..=1", self.confidence));
        }
        storable::number("track", self.track.unwrap_or(0))?;
        storable::number("config", self.config)?;
        if let Some(point) = self.picture {
            point.check("picture")?;
        }
        if let Some(place) = self.place {
            place.check("place")?;
        }
        if self.speed_kmh.is_some_and(|v| !(0.0..=1000.0).contains(&v)) {
            return Err("speed_kmh is outside 0..=1000".into());
        }
        if let Some(why) = &self.why {
            why.check()?;
        }
        if let Some(snapshot) = &self.snapshot {
            check_snapshot(snapshot)?;
        }
        Ok(())
    }
}

/// Checks that a snapshot reference is `sha256:` and 64 lower-case hex digits.
///
/// # Errors
/// When it is not.
pub fn check_snapshot(reference: &str) -> Result<(), String> {
    let digest = reference.strip_prefix("sha256:").unwrap_or("");
    if digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        Ok(())
    } else {
        Err("snapshot is not sha256: and 64 lower-case hex digits".into())
    }
}
