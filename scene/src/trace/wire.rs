//! Between trajectories and the protocol's whole numbers.

use super::{TracePoint, Trajectory};
use crate::{FrameSize, Time};
use ngatu_protocol::track::{SCALE, TrackData, TrackPoint, pack, unpack};

/// Microseconds of a centisecond.
const CENTISECOND: i64 = 10_000;

/// What of a [`TrackData`] follows from the trajectory's points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// When it begins, whole milliseconds.
    pub from: Time,
    /// See [`TrackData::frame`].
    pub frame: [u16; 2],
    /// See [`TrackData::points`].
    pub points: Vec<i16>,
    /// See [`TrackData::unseen`].
    pub unseen: Vec<u16>,
}

fn to_scale(share: f32) -> i16 {
    #[allow(clippy::cast_possible_truncation, reason = "a float to integer cast saturates, as documented")]
    let scaled = (share * f32::from(SCALE)).round() as i16;
    scaled
}

impl Trajectory {
    /// As whole numbers: times to 10 ms, places and sizes to 1/10,000 of the picture.
    #[must_use]
    pub fn packed(&self) -> Packed {
        let from = Time::from_micros(self.from().as_micros().div_euclid(1000) * 1000);
        let point = |point: &TracePoint| {
            let after = (point.at.as_micros() - from.as_micros() + CENTISECOND / 2) / CENTISECOND;
            TrackPoint {
                after_cs: u32::try_from(after).unwrap_or(0),
                x: to_scale(point.foot[0]),
                y: to_scale(point.foot[1]),
                width: to_scale(point.size[0]),
                height: to_scale(point.size[1]),
            }
        };
        let points: Vec<_> = self.points.iter().map(point).collect();
        let side = |px: u32| u16::try_from(px).unwrap_or(u16::MAX).max(1);
        Packed {
            from,
            frame: [side(self.frame.width_px), side(self.frame.height_px)],
            points: pack(&points),
            unseen: (0_u16..).zip(&self.points).filter(|(_, point)| point.unseen).map(|(i, _)| i).collect(),
        }
    }

    /// The trajectory of a message; its times count from the Unix epoch.
    ///
    /// # Errors
    /// When the message does not pass the protocol's checks.
    pub fn of(data: &TrackData) -> Result<Trajectory, String> {
        data.check()?;
        let from = data.from.timestamp_micros();
        let share = |value: i16| f32::from(value) / f32::from(SCALE);
        let mut points: Vec<_> = unpack(&data.points)?
            .iter()
            .map(|point| TracePoint {
                at: Time::from_micros(from + i64::from(point.after_cs) * CENTISECOND),
                foot: [share(point.x), share(point.y)],
                size: [share(point.width), share(point.height)],
                unseen: false,
            })
            .collect();
        data.unseen.iter().for_each(|i| points[usize::from(*i)].unseen = true);
        Ok(Trajectory {
            track: data.track,
            class: data.class,
            confidence: data.confidence,
            frame: FrameSize::new(data.frame[0].into(), data.frame[1].into()),
            points,
            goes_on: data.goes_on,
        })
    }
}
