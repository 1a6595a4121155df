//! What is known of the picture itself: whether it shows what it usually shows. The caller measures it; rules about the
//! camera read it.

/// The state of the picture at one moment. The default is a picture that nothing is wrong with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Mean brightness of a picture that shows nothing at all (black, grey, covered), 0..=255.
    pub blank: Option<f64>,
    /// Sharpness as a share of the usual, 1 when as usual.
    pub sharpness: f64,
    /// Share of the usual outlines that are gone, 0..=1.
    pub lost_outlines: f64,
    /// How far the picture shifted from where the camera used to look, share of its width.
    pub shift: f64,
    /// How long the picture has not changed by a single bit's noise, seconds.
    pub frozen_s: f64,
    /// How sure it is that smoke or fire is visible, 0..=1, and where, normalised.
    pub smoke_or_fire: Option<(f64, ngatu_protocol::geometry::Point)>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            blank: None,
            sharpness: 1.0,
            lost_outlines: 0.0,
            shift: 0.0,
            frozen_s: 0.0,
            smoke_or_fire: None,
        }
    }
}
