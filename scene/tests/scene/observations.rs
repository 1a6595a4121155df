//! Speeds, headways, queues, stays and turning movements, over a road whose metres are known.

use crate::story::{Told, play};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{Quantity, RoadUserClass, Statistic};
use ngatu_scene::{BoxPx, Detection, Scene, SceneObservation, Time};
use proptest::prelude::*;

/// Looks straight down on 50 m × 50 m; x to the right, y down the picture. Cars drive down it, over `near` after `far`.
fn camera() -> CameraConfig {
    let text = r#"
        id = "north"
        name = "north"
        url = "file:///nothing"
        analysis_fps = 5
        window_s = 60
        [calibration]
        picture = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
        ground_m = [[0, 50], [50, 50], [50, 0], [0, 0]]
        [[tripwire]]
        id = "far"
        points = [[0.9, 0.3], [0.1, 0.3]]
        [[tripwire]]
        id = "near"
        points = [[0.9, 0.7], [0.1, 0.7]]
        [[zone]]
        id = "lane"
        points = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]]
        direction = [0.0, 1.0]
    "#;
    toml::from_str(text).expect("a camera")
}

/// A car whose front is that many metres down the picture.
#[allow(clippy::cast_possible_truncation, reason = "a test's coordinates")]
fn car(x_m: f64, down_m: f64) -> Option<Detection> {
    // 20 pixels a metre.
    let (x, y) = ((x_m * 20.0) as f32, (down_m * 20.0) as f32);
    let bbox = BoxPx { left: x - 18.0, top: y - 90.0, width: 36.0, height: 90.0 };
    (-4.0..=54.0).contains(&down_m).then_some(Detection { bbox, class: RoadUserClass::Car, score: 0.9 })
}

fn find(
    told: &Told,
    quantity: Quantity,
    zone: &str,
    statistic: Option<Statistic>,
) -> Option<SceneObservation> {
    let wanted = |o: &&SceneObservation| {
        o.quantity == quantity && o.zone.as_str() == zone && o.statistic == statistic && o.class.is_none()
    };
    // Both directions of a tripwire are told; the one with traffic is meant.
    told.observations.iter().filter(wanted).max_by(|a, b| a.value.total_cmp(&b.value)).cloned()
}

#[track_caller]
fn is(
    told: &Told,
    (quantity, zone, statistic): (Quantity, &str, Option<Statistic>),
    wanted: f64,
    margin: f64,
) {
    let found = find(told, quantity, zone, statistic).map(|o| o.value);
    let near = found.is_some_and(|value| (value - wanted).abs() <= margin);
    assert!(near, "{quantity} {statistic:?} at {zone}: {found:?}, wanted {wanted} ± {margin}");
}

#[test]
fn a_steady_stream_has_the_figures_of_the_text_book() {
    // Every 4 s a car at 36 km/h: 40 m from front to front, 25 vehicles a kilometre, 900 an hour.
    let told = play(&camera(), 59.9, |t| {
        (0..16).filter_map(|i| car(25.0, 0.7 + (t - 4.0 * f64::from(i)) * 10.0)).collect()
    });
    let mean = Some(Statistic::Mean);
    is(&told, (Quantity::Count, "near", None), 15.0, 0.0);
    is(&told, (Quantity::Flow, "near", None), 15.0 * 3600.0 / 59.8, 1.0);
    is(&told, (Quantity::TimeMeanSpeed, "near", None), 36.0, 0.5);
    is(&told, (Quantity::SpaceMeanSpeed, "near", None), 36.0, 0.5);
    is(&told, (Quantity::Headway, "near", mean), 4.0, 0.02);
    is(&told, (Quantity::Headway, "near", Some(Statistic::P85)), 4.0, 0.1);
    is(&told, (Quantity::Gap, "near", mean), 4.0 - 0.5, 0.05);
    // 30 m of lane hold a car for 3 of 4 s; the first one came after 1 s.
    is(&told, (Quantity::Density, "lane", None), 25.0, 1.5);
    is(&told, (Quantity::SpaceMeanSpeed, "lane", None), 36.0, 0.5);
    is(&told, (Quantity::Flow, "lane", None), 900.0, 60.0);
    is(&told, (Quantity::Dwell, "lane", mean), 3.0, 0.3);
    is(&told, (Quantity::QueueCount, "lane", Some(Statistic::Max)), 0.0, 0.0);
    let speed = find(&told, Quantity::TimeMeanSpeed, "near", None).expect("a speed");
    assert_eq!(speed.samples, Some(15));
    assert!(speed.plus_minus.is_some_and(|plus_minus| plus_minus > 0.0 && plus_minus < 6.0), "{speed:?}");
}

#[test]
fn a_queue_has_a_length_until_it_moves() {
    // Four cars close up at 8 m from each other to a line at 38 m, stand from about 6 s on, and go at 30 s.
    let told = play(&camera(), 59.0, |t| {
        let place = |i: f64| {
            let stop = 38.0 - 8.0 * i;
            let come = (t * 8.0 - 6.0 * i).min(stop);
            if t < 30.0 { come } else { stop + (t - 30.0 - i).max(0.0) * 8.0 }
        };
        (0..4).filter_map(|i| car(25.0, place(f64::from(i)))).collect()
    });
    is(&told, (Quantity::QueueCount, "lane", Some(Statistic::Max)), 4.0, 0.0);
    // The last one stands 24 m behind the first and is 5 m long.
    is(&told, (Quantity::QueueLength, "lane", Some(Statistic::Max)), 29.0, 1.5);
    let mean = find(&told, Quantity::QueueCount, "lane", Some(Statistic::Mean)).expect("a queue").value;
    assert!((1.2..2.2).contains(&mean), "four cars for about 25 of 59 s: {mean}");
}

#[test]
fn whoever_turns_is_told_from_whoever_goes_on() {
    // Two cars go down over both wires; one turns off between them.
    let told = play(&camera(), 30.0, |t| {
        let through = (0..2).filter_map(|i| car(20.0, (t - 6.0 * f64::from(i)) * 10.0));
        let turned = (t - 14.0) * 10.0;
        let off = if turned < 25.0 { car(30.0, turned) } else { car(30.0 + (turned - 25.0), 25.0) };
        through.chain(off.filter(|_| turned > 0.0 && turned < 44.0)).collect()
    });
    let mut rows: Vec<_> = told
        .observations
        .iter()
        .filter(|o| o.quantity == Quantity::Turning)
        .map(|o| {
            format!("{} {:?} {}", o.zone.as_str(), o.to_zone.as_ref().map(|zone| zone.as_str()), o.value)
        })
        .collect();
    rows.sort();
    assert_eq!(rows, ["far None 1", "far Some(\"near\") 2", "near None 2"]);
}

#[test]
fn a_camera_without_metres_says_nothing_that_needs_them() {
    let camera = CameraConfig { calibration: None, ..camera() };
    let told =
        play(&camera, 59.0, |t| (0..10).filter_map(|i| car(25.0, (t - 4.0 * f64::from(i)) * 10.0)).collect());
    for o in &told.observations {
        let metric = ["km/h", "/km", "m"].contains(&o.quantity.unit()) || o.quantity == Quantity::Gap;
        assert!(!metric, "{o:?}");
    }
    assert!(find(&told, Quantity::Headway, "near", Some(Statistic::Mean)).is_some());
}

/// A vehicle of a random stream: when it comes, where, how fast, what it is, and whether it is lost half way.
type Vehicle = (f64, f64, f64, usize, bool);

fn any_vehicle() -> impl Strategy<Value = Vehicle> {
    (0.0f64..100.0, 12.0f64..38.0, 1.0f64..22.0, 1usize..6, prop::bool::weighted(0.2))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn figures_fit_together_whatever_the_traffic(
        vehicles in prop::collection::vec(any_vehicle(), 0..25), lost_at in prop::option::of(10.0f64..90.0)
    ) {
        let mut scene = Scene::new(&camera()).expect("a scene");
        let mut told = Told::default();
        for step in 0..600 {
            let t = f64::from(step) * 0.2;
            let now = Time::from_seconds(t);
            if lost_at.is_some_and(|at| (at..at + 8.0).contains(&t)) {
                told.take(scene.interrupt(now));
                continue;
            }
            let seen = vehicles.iter().filter_map(|(from, x, m_s, class, lost)| {
                let down = (t - from) * m_s;
                let gone = *lost && down > 25.0;
                let detection = car(*x, down).filter(|_| !gone && down > 0.0)?;
                Some(Detection { class: RoadUserClass::ALL[*class], ..detection })
            });
            told.take(scene.step(now, ngatu_scene::FrameSize::new(1000, 1000), &seen.collect::<Vec<_>>()));
        }
        told.take(scene.finish(Time::from_seconds(120.0)));
        check(&told)?;
    }
}

/// Somebody who drives down one of six lanes: when the front comes into the picture, at what speed, and by how much it
/// gets faster or slower.
#[derive(Debug, Clone, Copy)]
struct Driver {
    from_s: f64,
    m_s: f64,
    m_s2: f64,
}

impl Driver {
    /// How far the front is down the picture, metres; nobody reverses.
    fn down_m(self, t: f64) -> f64 {
        let since = t - self.from_s;
        let until = if self.m_s2 < 0.0 { since.min(-self.m_s / self.m_s2) } else { since };
        self.m_s * until + self.m_s2 / 2.0 * until * until.max(0.0)
    }
}

/// At most two on each lane, half a minute apart, so that nobody drives into the other.
fn any_drivers() -> impl Strategy<Value = Vec<(usize, Driver)>> {
    let driver = (0.0f64..10.0, 4.0f64..18.0, -0.25f64..0.8);
    prop::collection::vec(prop::option::of(driver), 12).prop_map(|drivers| {
        let places = drivers.into_iter().enumerate();
        let driver = |(k, (from_s, m_s, m_s2)): (usize, (f64, f64, f64))| {
            let from_s = from_s + if k < 6 { 0.0 } else { 30.0 };
            // Nobody stops before the end of the picture.
            (k % 6, Driver { from_s, m_s, m_s2: m_s2.max(-m_s * m_s / 120.0) })
        };
        places.filter_map(|(k, driver)| driver.map(|driver| (k, driver))).map(driver).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn flow_density_and_speed_over_an_area_are_edies_of_what_truly_drives(drivers in any_drivers()) {
        let x_m = |lane: usize| 12.0 + 5.0 * f64::from(u8::try_from(lane).expect("few"));
        let told = play(&camera(), 59.9, |t| {
            drivers.iter().filter_map(|(lane, driver)| {
                let down = driver.down_m(t);
                car(x_m(*lane), down).filter(|_| down > 0.0)
            }).collect()
        });
        // Edie's sums over the 30 m of the lane, in small steps.
        let (mut time_s, mut way_m, mut visits) = (0.0, 0.0, 0.0);
        for (_, driver) in &drivers {
            let mut inside = false;
            for step in 0..59_800 {
                let t = f64::from(step) * 0.001;
                let (at, next) = (driver.down_m(t), driver.down_m(t + 0.001));
                if (10.0..40.0).contains(&at) {
                    (time_s, way_m, inside) = (time_s + 0.001, way_m + next - at, true);
                }
            }
            visits += if inside { 1.0 } else { 0.0 };
        }
        let of = |quantity| find(&told, quantity, "lane", None);
        let Some(speed) = of(Quantity::SpaceMeanSpeed) else {
            prop_assert!(visits < 1.0, "{visits} visits and no speed");
            return Ok(());
        };
        let (density, flow) = (of(Quantity::Density).expect("a density"), of(Quantity::Flow).expect("a flow"));
        let covered_s = speed.coverage_s;
        let kmh = way_m / time_s * 3.6;
        eprintln!("{visits} visits: {:.2} ± {:.2} km/h, truly {kmh:.2}", speed.value, speed.plus_minus.unwrap_or(0.0));
        let off = (speed.value - kmh).abs();
        prop_assert!(off <= 0.05 * kmh, "{} km/h, truly {kmh}", speed.value);
        // Each coming and going is known to a frame.
        let frames_s = 0.2 * visits;
        let per_km = |time_s: f64| time_s / (0.030 * covered_s);
        prop_assert!(
            (density.value - per_km(time_s)).abs() <= per_km(frames_s) + 1e-9,
            "{} per km, truly {}", density.value, per_km(time_s)
        );
        let per_h = way_m / (30.0 * covered_s) * 3600.0;
        prop_assert!(
            (flow.value - per_h).abs() <= per_h * (0.05 + 1.05 * frames_s / time_s),
            "{} per h, truly {per_h}", flow.value
        );
    }
}

fn check(told: &Told) -> Result<(), TestCaseError> {
    let all = &told.observations;
    for o in all {
        let length_s = o.to.since_s(o.from);
        prop_assert!(o.value.is_finite() && o.value >= 0.0, "{o:?}");
        prop_assert!((0.0..=length_s).contains(&o.coverage_s), "{o:?}");
        prop_assert!(o.samples != Some(0) && o.plus_minus.is_none_or(|v| v.is_finite() && v >= 0.0), "{o:?}");
        prop_assert!(o.quantity != Quantity::Occupancy || o.value <= 1.0);
    }
    let same = |a: &SceneObservation, b: &SceneObservation| {
        a.zone == b.zone && a.class == b.class && a.direction == b.direction && a.from == b.from
    };
    for mean in all.iter().filter(|o| o.quantity == Quantity::TimeMeanSpeed) {
        let space = all.iter().find(|o| o.quantity == Quantity::SpaceMeanSpeed && same(o, mean));
        prop_assert!(space.is_some_and(|space| space.value <= mean.value + 1e-9), "{mean:?} {space:?}");
    }
    for density in all.iter().filter(|o| o.quantity == Quantity::Density) {
        let of = |quantity| {
            all.iter().find(|o| o.quantity == quantity && same(o, density)).map_or(-1.0, |o| o.value)
        };
        let (flow, speed) = (of(Quantity::Flow), of(Quantity::SpaceMeanSpeed));
        prop_assert!(
            (flow - density.value * speed).abs() <= 1e-6 * (1.0 + flow),
            "{flow} {speed} {density:?}"
        );
    }
    // The classes of a zone add up to all, and none is there for longer than anybody.
    for all_classes in all.iter().filter(|o| o.class.is_none()) {
        let of_class = |o: &&SceneObservation| {
            let there = o.quantity == all_classes.quantity && o.statistic == all_classes.statistic;
            there && o.class.is_some() && o.zone == all_classes.zone && o.from == all_classes.from
        };
        let classes: Vec<f64> = all.iter().filter(of_class).map(|o| o.value).collect();
        let (sum, most) = (classes.iter().sum::<f64>(), classes.iter().copied().fold(0.0, f64::max));
        match (all_classes.quantity, all_classes.statistic) {
            (Quantity::ZoneCount, _) | (Quantity::QueueCount, Some(Statistic::Mean)) => {
                prop_assert!((sum - all_classes.value).abs() < 1e-9, "{sum} {all_classes:?}");
            }
            (Quantity::Occupancy, _) | (Quantity::QueueCount, _) => {
                prop_assert!(most <= all_classes.value + 1e-9, "{most} {all_classes:?}");
                prop_assert!(sum >= all_classes.value - 1e-9, "{sum} {all_classes:?}");
            }
            _ => {}
        }
    }
    // Every crossing is one turning movement, to another tripwire or to none.
    for wire in ["far", "near"] {
        let sum = |quantity: Quantity, classes: bool| -> f64 {
            let wanted = |o: &&SceneObservation| {
                o.quantity == quantity && o.zone.as_str() == wire && o.class.is_some() == classes
            };
            all.iter().filter(wanted).map(|o| o.value).sum()
        };
        let (turned, counted) = (sum(Quantity::Turning, true), sum(Quantity::Count, false));
        prop_assert!((turned - counted).abs() < 1e-9, "{wire}: {turned} turned, {counted} counted");
    }
    let max = |o: &SceneObservation| {
        let larger = |b: &&SceneObservation| {
            b.quantity == o.quantity && b.statistic == Some(Statistic::Max) && same(b, o)
        };
        all.iter().find(larger).map_or(f64::MAX, |b| b.value)
    };
    for o in all.iter().filter(|o| o.statistic == Some(Statistic::Mean)) {
        prop_assert!(o.value <= max(o) + 1e-9, "{o:?}");
    }
    Ok(())
}
