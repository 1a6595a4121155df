//! Drawing on a picture: everything has a dark rim, so that it can be read on any ground, and sizes follow the picture.

use super::board::Banner;
use ngatu_protocol::RoadUserClass;
use ngatu_protocol::camera::Pair;
use ngatu_protocol::geometry::Point as Place;
use ngatu_scene::Track;
use opencv::core::{self, Mat, Point, Rect, Scalar, Vector};
use opencv::imgproc;
use opencv::prelude::*;

type Bgr = [u8; 3];

const DARK: Bgr = [24, 20, 18];
const WHITE: Bgr = [245, 245, 245];
const ZONE: Bgr = [60, 190, 245];
const ALARM: Bgr = [60, 60, 240];
const ENDED: Bgr = [120, 120, 120];
const WIRE: Bgr = [235, 215, 70];
/// Share of its colour that a zone lays over the picture.
const ZONE_OPACITY: f64 = 0.12;
/// Most lines of banners.
const MAX_BANNERS: usize = 4;
/// Boxes lower than this have no label, in heights of a line of text: the label would hide what it names.
const LABELLED_FROM_LINES: f64 = 1.5;
/// Boxes lower than this have no dark rim, in heights of a line of text: it would cover what is in them.
const RIMMED_FROM_LINES: f64 = 4.0;
/// A label is no wider than so many box widths; otherwise it leaves the class out.
const LABEL_WIDTHS: f64 = 1.5;
/// Height of a capital letter of the font at scale 1, pixels.
const CAPITAL_PX: f64 = 22.0;

/// Draws on one picture.
pub(super) struct Brush<'a> {
    picture: &'a mut Mat,
    /// Pixels of the picture for one of the frame, across and down.
    scale: (f64, f64),
    line_px: i32,
    font_scale: f64,
}

impl<'a> Brush<'a> {
    /// A brush for a picture of a frame of this size, pixels.
    pub(super) fn new(picture: &'a mut Mat, frame: (f64, f64)) -> opencv::Result<Brush<'a>> {
        let (width, height) = (f64::from(picture.cols()), f64::from(picture.rows()));
        // A capital of 8 px is the least that can be read, 1/55 of the height looks right.
        let capital_px = (height / 55.0).max(8.0);
        Ok(Brush {
            scale: (width / frame.0, height / frame.1),
            line_px: round(height / 480.0).max(1),
            font_scale: capital_px / CAPITAL_PX,
            picture,
        })
    }

    /// A zone: an outline, a thin veil, and its name at its upper left corner.
    pub(super) fn zone(&mut self, points: &[Pair], name: &str, has_event: bool) -> opencv::Result<()> {
        let colour = if has_event { ALARM } else { ZONE };
        let corners: Vector<Point> = points.iter().map(|[x, y]| self.place(*x, *y)).collect();
        let around =
            imgproc::bounding_rect(&corners)? & Rect::new(0, 0, self.picture.cols(), self.picture.rows());
        if around.area() > 0 {
            let before = Mat::roi(self.picture, around)?.try_clone()?;
            let moved: Vector<Point> = corners.iter().map(|corner| corner - around.tl()).collect();
            let mut veiled = before.clone();
            imgproc::fill_poly_def(&mut veiled, &moved, bgr(colour))?;
            let mut mixed = Mat::default();
            core::add_weighted_def(&veiled, ZONE_OPACITY, &before, 1.0 - ZONE_OPACITY, 0.0, &mut mixed)?;
            mixed.copy_to(&mut Mat::roi_mut(self.picture, around)?)?;
        }
        imgproc::polylines(self.picture, &corners, true, bgr(colour), self.line_px, imgproc::LINE_AA, 0)?;
        let upper_left = corners.iter().min_by_key(|corner| corner.x + corner.y).unwrap_or_default();
        let at = Point::new(upper_left.x + self.line_px * 3, upper_left.y + self.text_px() * 3 / 2);
        self.text(name, at, colour)
    }

    /// A tripwire with an arrow that points from a to b, and its label.
    pub(super) fn tripwire(&mut self, [a, b]: [Pair; 2], label: &str) -> opencv::Result<()> {
        let (from, to) = (self.place(a[0], a[1]), self.place(b[0], b[1]));
        self.line(from, to, (WIRE, self.line_px + 1))?;
        let (dx, dy) = (f64::from(to.x - from.x), f64::from(to.y - from.y));
        let length = dx.hypot(dy).max(1.0);
        let middle = Point::new(i32::midpoint(from.x, to.x), i32::midpoint(from.y, to.y));
        // Who looks from the first point to the second has b at the right hand; y grows downwards.
        let reach = f64::from(self.text_px()) * 1.6;
        let tip = Point::new(middle.x + round(-dy / length * reach), middle.y + round(dx / length * reach));
        for (colour, thickness) in [(DARK, self.line_px + 2), (WIRE, self.line_px)] {
            imgproc::arrowed_line(
                self.picture,
                middle,
                tip,
                bgr(colour),
                thickness,
                imgproc::LINE_AA,
                0,
                0.35,
            )?;
        }
        let upper = if from.y <= to.y { from } else { to };
        self.text(label, Point::new(upper.x + self.line_px * 4, upper.y + self.text_px()), WIRE)
    }

    /// Where a road user's foot point was in its recent past, fading towards the past.
    pub(super) fn tail(
        &mut self,
        feet: impl Iterator<Item = Place>,
        class: RoadUserClass,
    ) -> opencv::Result<()> {
        let feet: Vec<Point> = feet.map(|foot| self.place(foot.x, foot.y)).collect();
        for (i, pair) in feet.windows(2).enumerate() {
            let strength = 0.35 + 0.65 * (i + 1) as f64 / feet.len() as f64;
            let faded = colour_of(class).map(|part| byte(f64::from(part) * strength));
            imgproc::line(self.picture, pair[0], pair[1], bgr(faded), self.line_px, imgproc::LINE_AA, 0)?;
        }
        Ok(())
    }

    /// A road user: a box in the colour of the class, and number, class and speed above it.
    pub(super) fn road_user(
        &mut self,
        track: &Track,
        speed_kmh: Option<f64>,
        alarming: bool,
    ) -> opencv::Result<()> {
        let bbox = track.bbox;
        let (x, y) = self.scale;
        let corner = Point::new(round(f64::from(bbox.left) * x), round(f64::from(bbox.top) * y));
        let opposite = Point::new(
            round(f64::from(bbox.left + bbox.width) * x),
            round(f64::from(bbox.top + bbox.height) * y),
        );
        let rect = Rect::from_points(corner, opposite);
        let colour = if alarming { ALARM } else { colour_of(track.class) };
        // One that coasts is only believed to be there.
        let thickness = if track.seen { self.line_px + i32::from(alarming) } else { 1 };
        if track.seen && f64::from(rect.height) >= RIMMED_FROM_LINES * f64::from(self.text_px()) {
            imgproc::rectangle(self.picture, rect, bgr(DARK), thickness + 2, imgproc::LINE_8, 0)?;
        }
        imgproc::rectangle(self.picture, rect, bgr(colour), thickness, imgproc::LINE_8, 0)?;
        if !track.seen || f64::from(rect.height) < LABELLED_FROM_LINES * f64::from(self.text_px()) {
            return Ok(());
        }
        let speed = speed_kmh.map_or(String::new(), |kmh| format!(" {kmh:.0} km/h"));
        let whole = format!("{} {}{speed}", track.id, short(track.class));
        // Among many small road users words would hide the street; the colour says the class.
        let room = f64::from(rect.width) * LABEL_WIDTHS;
        let label =
            if f64::from(self.width(&whole)?) <= room { whole } else { format!("{}{speed}", track.id) };
        self.text(&label, Point::new(rect.x, rect.y - self.line_px - self.text_px() / 3), colour)
    }

    /// The time, at the upper right.
    pub(super) fn clock(&mut self, text: &str) -> opencv::Result<()> {
        let at = Point::new(self.picture.cols(), self.text_px() * 2);
        self.text(text, at, WHITE)
    }

    /// Lines about events, at the lower left, on a plate of their colour.
    pub(super) fn banners(&mut self, banners: &[Banner]) -> opencv::Result<()> {
        let (pad, line) = (self.text_px() / 2, self.text_px() * 2);
        let shown = banners.iter().take(MAX_BANNERS);
        let mut bottom = self.picture.rows() - pad;
        for banner in shown {
            let width = self.width(&banner.text)?;
            let plate = Rect::new(pad, bottom - line, width + 2 * pad, line);
            let colour = if banner.runs { ALARM } else { ENDED };
            imgproc::rectangle(self.picture, plate, bgr(colour), -1, imgproc::LINE_8, 0)?;
            let at = Point::new(plate.x + pad, plate.y + plate.height - pad);
            self.letters(&banner.text, at, (WHITE, 1))?;
            bottom -= line + pad / 2;
        }
        Ok(())
    }

    /// A line with a dark rim.
    fn line(&mut self, from: Point, to: Point, (colour, thickness): (Bgr, i32)) -> opencv::Result<()> {
        for (colour, thickness) in [(DARK, thickness + 2), (colour, thickness)] {
            imgproc::line(self.picture, from, to, bgr(colour), thickness, imgproc::LINE_AA, 0)?;
        }
        Ok(())
    }

    /// Text with a dark rim; `at` is the lower left corner, moved so that all of it lies in the picture.
    fn text(&mut self, text: &str, at: Point, colour: Bgr) -> opencv::Result<()> {
        let edge = self.line_px * 2;
        let at = Point::new(
            at.x.min(self.picture.cols() - self.width(text)? - edge).max(edge),
            at.y.min(self.picture.rows() - edge).max(self.text_px() + edge),
        );
        let thickness = round(self.font_scale * 1.4).max(1);
        for (colour, thickness) in [(DARK, thickness + 2), (colour, thickness)] {
            self.letters(text, at, (colour, thickness))?;
        }
        Ok(())
    }

    fn letters(&mut self, text: &str, at: Point, (colour, thickness): (Bgr, i32)) -> opencv::Result<()> {
        let (font, colour) = (imgproc::FONT_HERSHEY_SIMPLEX, bgr(colour));
        imgproc::put_text(
            self.picture,
            text,
            at,
            font,
            self.font_scale,
            colour,
            thickness,
            imgproc::LINE_AA,
            false,
        )
    }

    fn width(&self, text: &str) -> opencv::Result<i32> {
        let mut baseline = 0;
        let font = imgproc::FONT_HERSHEY_SIMPLEX;
        Ok(imgproc::get_text_size(text, font, self.font_scale, 1, &mut baseline)?.width)
    }

    /// Height of a capital letter, pixels.
    fn text_px(&self) -> i32 {
        round(self.font_scale * CAPITAL_PX)
    }

    fn place(&self, x: f64, y: f64) -> Point {
        Point::new(round(x * f64::from(self.picture.cols())), round(y * f64::from(self.picture.rows())))
    }
}

/// Colours that stay apart for people who see red and green alike: Okabe and Ito's, brightened.
fn colour_of(class: RoadUserClass) -> Bgr {
    match class {
        RoadUserClass::Person => [115, 230, 60],
        RoadUserClass::Bicycle => [235, 190, 90],
        RoadUserClass::Motorcycle => [40, 165, 255],
        RoadUserClass::Car => [250, 205, 110],
        RoadUserClass::Bus => [200, 140, 230],
        RoadUserClass::Truck => [110, 235, 245],
        RoadUserClass::Object => [220, 220, 220],
    }
}

/// A class in few letters: labels must not hide the street.
fn short(class: RoadUserClass) -> &'static str {
    match class {
        RoadUserClass::Bicycle => "bike",
        RoadUserClass::Motorcycle => "moto",
        RoadUserClass::Object => "",
        other => other.as_str(),
    }
}

fn bgr([blue, green, red]: Bgr) -> Scalar {
    Scalar::new(f64::from(blue), f64::from(green), f64::from(red), 0.0)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=255 by construction")]
fn byte(value: f64) -> u8 {
    value.clamp(0.0, 255.0) as u8
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a float to integer cast saturates; pictures are far smaller"
)]
fn round(value: f64) -> i32 {
    value.round() as i32
}
