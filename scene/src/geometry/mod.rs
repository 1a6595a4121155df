//! Shapes: polygons and segments in normalised coordinates, overlap of boxes in pixels.

mod overlap;
mod polygon;
mod segment;

pub use overlap::{buffered_iou, iou};
pub use polygon::Polygon;
pub use segment::{Segment, Side};
