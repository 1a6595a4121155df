//! How the agent itself is doing: meters that the cameras write, and readings of the machine.

use ngatu_protocol::health::CameraHealth;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One camera's meters. The camera's thread writes, the health loop reads and begins a new period.
#[derive(Debug, Default)]
pub struct Meter {
    inner: Mutex<Readings>,
}

/// What a meter holds: the state now, and sums since the last reading.
#[derive(Debug, Default)]
pub struct Readings {
    /// Whether usable frames arrive.
    pub online: bool,
    /// Decoded frames in this period.
    pub frames_in: u64,
    /// Analysed frames in this period.
    pub analysed: u64,
    /// Frames in this period that the network looked at.
    pub looked: u64,
    /// Restarts of the source since the agent started.
    pub restarts: u64,
    /// Width of the stream, pixels.
    pub width_px: u32,
    /// Height of the stream, pixels.
    pub height_px: u32,
    /// The last error, for people; `None` while all is well.
    pub error: Option<String>,
    stages: Stages,
}

/// Time spent in each stage.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stages {
    sums: BTreeMap<&'static str, (Duration, u32)>,
}

impl Stages {
    /// Adds one run of a stage.
    pub fn add(&mut self, stage: &'static str, took: Duration) {
        let sum = self.sums.entry(stage).or_default();
        sum.0 += took;
        sum.1 += 1;
    }

    /// Mean milliseconds of one run, by stage.
    #[must_use]
    pub fn mean_ms(&self) -> BTreeMap<String, f64> {
        let mean = |(sum, n): (Duration, u32)| sum.as_secs_f64() * 1000.0 / f64::from(n.max(1));
        self.sums.iter().map(|(stage, sum)| ((*stage).to_owned(), mean(*sum))).collect()
    }

    /// How often a stage ran.
    #[must_use]
    pub fn runs(&self, stage: &str) -> u32 {
        self.sums.get(stage).map_or(0, |sum| sum.1)
    }

    /// Adds all that `other` holds, and empties it.
    pub fn take_over(&mut self, other: &mut Stages) {
        for (stage, (took, runs)) in std::mem::take(&mut other.sums) {
            let sum = self.sums.entry(stage).or_default();
            sum.0 += took;
            sum.1 += runs;
        }
    }
}

impl Meter {
    /// Changes the readings.
    pub fn write(&self, change: impl FnOnce(&mut Readings)) {
        change(&mut self.lock());
    }

    /// Adds the stages of a frame.
    pub fn add_stages(&self, stages: &mut Stages) {
        self.lock().stages.take_over(stages);
    }

    /// The camera's health over the last `period`, which ends here.
    #[must_use]
    pub fn read(&self, period: Duration) -> CameraHealth {
        let mut readings = self.lock();
        let per_second = |n: u64| n as f64 / period.as_secs_f64().max(0.001);
        let health = CameraHealth {
            online: readings.online,
            fps_in: per_second(readings.frames_in),
            fps_analysed: per_second(readings.analysed),
            detector_share: readings.looked as f64 / readings.analysed.max(1) as f64,
            stage_ms: readings.stages.mean_ms(),
            restarts: readings.restarts,
            width_px: readings.width_px,
            height_px: readings.height_px,
            error: readings.error.clone(),
        };
        readings.frames_in = 0;
        readings.analysed = 0;
        readings.looked = 0;
        readings.stages = Stages::default();
        health
    }

    fn lock(&self) -> MutexGuard<'_, Readings> {
        // Each change leaves whole readings behind, also when the thread that made it is gone.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hottest thermal zone that can be read, °C.
#[must_use]
pub fn temperature_c() -> Option<f64> {
    let zones = std::fs::read_dir("/sys/class/thermal").ok()?;
    let read = |path: &Path| std::fs::read_to_string(path.join("temp")).ok()?.trim().parse::<f64>().ok();
    let zones = zones.flatten().filter(|zone| zone.file_name().to_string_lossy().starts_with("thermal_zone"));
    let celsius = zones.filter_map(|zone| read(&zone.path())).map(|milli| milli / 1000.0);
    // Zones that are switched off read as absurdly cold.
    celsius.filter(|c| (-60.0..200.0).contains(c)).max_by(f64::total_cmp)
}

/// Resident memory of this process, bytes; 0 when it cannot be read.
#[must_use]
pub fn memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Bytes that an ordinary user can still write on the disk of `dir`; 0 when it cannot be read.
#[must_use]
pub fn disk_free_bytes(dir: &Path) -> u64 {
    nix::sys::statvfs::statvfs(dir).map_or(0, |disk| disk.blocks_available() * disk.fragment_size())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_covers_one_period() {
        let meter = Meter::default();
        let mut stages = Stages::default();
        stages.add("motion", Duration::from_millis(1));
        stages.add("motion", Duration::from_millis(3));
        meter.add_stages(&mut stages);
        meter.write(|r| (r.frames_in, r.analysed, r.looked, r.online) = (250, 50, 10, true));
        let health = meter.read(Duration::from_secs(10));
        assert!(health.online);
        assert!((health.fps_in - 25.0).abs() < 1e-9 && (health.detector_share - 0.2).abs() < 1e-9);
        assert!((health.stage_ms["motion"] - 2.0).abs() < 1e-9);
        let next = meter.read(Duration::from_secs(10));
        assert!(next.online && next.fps_in.abs() < 1e-9 && next.stage_ms.is_empty());
    }

    #[test]
    fn the_machine_can_be_read() {
        assert!(memory_bytes() > 1 << 20);
        assert!(disk_free_bytes(Path::new("/")) > 0);
        assert_eq!(disk_free_bytes(Path::new("/no/such/dir")), 0);
    }
}
