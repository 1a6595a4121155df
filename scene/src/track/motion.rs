//! How a road user is expected to move: each of centre x, centre y, width and height is a value with a nearly constant
//! rate, estimated by a Kalman filter of two states. All noises are given in box scales and seconds, so that a near and
//! a far road user, and any frame rate, are treated alike.

/// One coordinate with its rate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    /// Value, pixels.
    pub(super) value: f32,
    /// Rate, pixels per second.
    pub(super) rate: f32,
    /// Variances of value and rate, and their covariance.
    var_value: f32,
    var_rate: f32,
    covariance: f32,
}

impl Axis {
    /// A first sight: `sd_value` and `sd_rate` say how far value and rate (0) may be off.
    pub(super) fn new(value: f32, sd_value: f32, sd_rate: f32) -> Self {
        Self {
            value,
            rate: 0.0,
            var_value: sd_value * sd_value,
            var_rate: sd_rate * sd_rate,
            covariance: 0.0,
        }
    }

    /// Moves on by `dt_s`. `jolt` is the spectral density of the random acceleration (white-noise acceleration model),
    /// as pixels per s^1.5.
    pub(super) fn predict(&mut self, dt_s: f32, jolt: f32) {
        let q = jolt * jolt;
        self.value += self.rate * dt_s;
        self.var_value +=
            dt_s * (2.0 * self.covariance + dt_s * self.var_rate) + q * dt_s * dt_s * dt_s / 3.0;
        self.covariance += dt_s * self.var_rate + q * dt_s * dt_s / 2.0;
        self.var_rate += q * dt_s;
    }

    /// Takes a measured value with its standard deviation.
    pub(super) fn correct(&mut self, measured: f32, sd: f32) {
        let total = self.var_value + sd * sd;
        if total <= 0.0 {
            return;
        }
        let (gain_value, gain_rate) = (self.var_value / total, self.covariance / total);
        let miss = measured - self.value;
        self.value += gain_value * miss;
        self.rate += gain_rate * miss;
        self.var_rate -= gain_rate * self.covariance;
        self.covariance *= 1.0 - gain_value;
        self.var_value *= 1.0 - gain_value;
    }

    /// Standard deviation of the value, pixels.
    pub(super) fn sd(&self) -> f32 {
        self.var_value.max(0.0).sqrt()
    }

    /// Moves on by `dt_s` while the rate fades with the time constant `fade_s`: for a road user that nobody saw for a
    /// while. Two short steps lead to where one long step leads.
    pub(super) fn fade(&mut self, dt_s: f32, fade_s: f32, jolt: f32) {
        let (before, factor) = (self.value, (-dt_s / fade_s).exp());
        self.predict(dt_s, jolt);
        self.value = before + self.rate * fade_s * (1.0 - factor);
        self.rate *= factor;
    }

    /// The same coordinate in a picture that is `factor` times as large.
    pub(super) fn rescale(&mut self, factor: f32) {
        self.value *= factor;
        self.rate *= factor;
        let square = factor * factor;
        self.var_value *= square;
        self.var_rate *= square;
        self.covariance *= square;
    }
}

/// Width or height: it drifts, without a rate of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// Value, pixels.
    pub(super) value: f32,
    variance: f32,
}

impl Extent {
    /// A first sight, off by `sd`.
    pub(super) fn new(value: f32, sd: f32) -> Self {
        Self { value, variance: sd * sd }
    }

    /// `dt_s` pass; `drift` is the spectral density of the random walk, pixels per s^0.5.
    pub(super) fn predict(&mut self, dt_s: f32, drift: f32) {
        self.variance += drift * drift * dt_s;
    }

    /// Takes a measured value with its standard deviation.
    pub(super) fn correct(&mut self, measured: f32, sd: f32) {
        let total = self.variance + sd * sd;
        if total > 0.0 {
            let gain = self.variance / total;
            self.value += gain * (measured - self.value);
            self.variance *= 1.0 - gain;
        }
    }

    /// The same extent in a picture that is `factor` times as large.
    pub(super) fn rescale(&mut self, factor: f32) {
        self.value *= factor;
        self.variance *= factor * factor;
    }
}
