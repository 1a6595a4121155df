//! Which units an incident is for, the best first: by area, kind and shift. Pure.

use super::message::category;
use super::unit::{Unit, UnitKind};
use crate::dispatch::cap::Category;
use crate::local_time;
use chrono::{DateTime, Utc};

/// What a unit is looked at for.
#[derive(Debug, Clone, Copy)]
pub struct Need<'a> {
    /// The incident's kind.
    pub kind: &'a str,
    /// The incident's area, where one is known.
    pub area: Option<&'a str>,
}

/// How well a unit fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// Whether it serves the incident's area; none when that is not known.
    pub serves_area: Option<bool>,
    /// Whether units of its kind are usually sent to such an incident.
    pub is_usual: bool,
    /// Whether it is sent only with a reason: it is off duty, or does not serve the area.
    pub needs_reason: bool,
}

/// How well a unit fits an incident.
#[must_use]
pub fn fit(unit: &Unit, need: Need<'_>, now: DateTime<Utc>) -> Fit {
    Fit {
        serves_area: need.area.map(|area| unit.serves(Some(area))),
        is_usual: usual_units(need.kind).contains(&unit.kind),
        needs_reason: !unit.may_be_asked(need.area, now),
    }
}

/// Puts the best first: who can be sent at once, then by what is usual for the kind, then who serves just this area before who
/// serves the whole city. Units that do not serve the area, or are off duty, come after all others, in the same order.
pub fn sort<T>(units: &mut [T], unit_of: impl Fn(&T) -> &Unit, need: Need<'_>, now: DateTime<Utc>) {
    let usual = usual_units(need.kind);
    units.sort_by_cached_key(|one| {
        let unit = unit_of(one);
        let fit = fit(unit, need, now);
        let kind = usual.iter().position(|kind| *kind == unit.kind).unwrap_or(usual.len());
        let is_near = need.area.is_some_and(|area| unit.areas.iter().any(|own| own == area));
        (fit.needs_reason, fit.serves_area == Some(false), kind, !is_near, unit.id.clone())
    });
}

/// What stands against sending a unit, and what to do; none when nothing does.
#[must_use]
pub fn objection(unit: &Unit, need: Need<'_>, now: DateTime<Utc>) -> Option<String> {
    let what = match (fit(unit, need, now).needs_reason, unit.is_on_duty(now)) {
        (false, _) => return None,
        (true, false) => match unit.duty_until(now) {
            Some(until) => format!("is off duty until {}", local_time::local(until).to_rfc3339()),
            None => "is off duty".to_owned(),
        },
        (true, true) => format!("does not serve the area `{}`", need.area.unwrap_or_default()),
    };
    Some(format!(
        "unit `{}` {what}: send another one, or say in `despite` why it is sent all the same",
        unit.id
    ))
}

/// Which kinds of unit are usually sent to a kind of incident, the first first.
fn usual_units(kind: &str) -> &'static [UnitKind] {
    match category(kind) {
        Category::Fire => &[UnitKind::Fire, UnitKind::Rescue],
        Category::Health => &[UnitKind::Health, UnitKind::Police],
        Category::Geo => &[UnitKind::Rescue, UnitKind::Ward],
        Category::Transport => &[UnitKind::Police, UnitKind::Health],
        _ => &[UnitKind::Police, UnitKind::Ward],
    }
}

#[cfg(test)]
mod tests {
    use super::super::unit::Shift;
    use super::super::unit::tests::unit;
    use super::*;

    fn noon() -> DateTime<Utc> {
        // A Monday, 12:00 in Vietnam.
        "2026-11-23T05:00:00Z".parse().unwrap()
    }

    fn a(id: &str, kind: UnitKind, area: &str) -> Unit {
        Unit { id: id.into(), kind, areas: vec![area.into()], ..unit() }
    }

    fn nights() -> Vec<Shift> {
        vec![Shift { days: vec![], from_min: 1320, to_min: 360 }]
    }

    #[test]
    fn units_stand_by_area_kind_and_shift() {
        use UnitKind as K;
        let need = Need { kind: "traffic_accident", area: Some("here") };
        let mut units = vec![
            a("a-far", K::Police, "there"),
            Unit { shifts: nights(), ..a("b-asleep", K::Police, "here") },
            a("c-other", K::Fire, "here"),
            a("d-second", K::Health, "here"),
            a("e-city", K::Police, "*"),
            a("f-here", K::Police, "here"),
            Unit { shifts: nights(), ..a("g-asleep-far", K::Police, "there") },
        ];
        sort(&mut units, |unit| unit, need, noon());
        let order: Vec<&str> = units.iter().map(|unit| unit.id.as_str()).collect();
        assert_eq!(order, ["f-here", "e-city", "d-second", "c-other", "b-asleep", "a-far", "g-asleep-far"]);
        let needs: Vec<bool> = units.iter().map(|unit| fit(unit, need, noon()).needs_reason).collect();
        assert_eq!(needs, [false, false, false, false, true, true, true]);
    }

    #[test]
    fn where_the_area_is_not_known_every_area_will_do() {
        let need = Need { kind: "fire", area: None };
        let fit = fit(&a("a", UnitKind::Fire, "there"), need, noon());
        assert_eq!(fit, Fit { serves_area: None, is_usual: true, needs_reason: false });
    }

    #[test]
    fn an_objection_says_what_stands_against_it_and_what_to_do() {
        let need = Need { kind: "fire", area: Some("here") };
        let says = |unit: &Unit| objection(unit, need, noon());
        assert_eq!(says(&a("a", UnitKind::Police, "here")), None, "another kind is no objection");
        let far = says(&a("a", UnitKind::Fire, "there")).unwrap();
        assert!(far.contains("`here`") && far.contains("`despite`"), "{far}");
        let asleep = says(&Unit { shifts: nights(), ..a("a", UnitKind::Fire, "there") }).unwrap();
        assert!(asleep.contains("off duty until 2026-11-23T22:00:00+07:00"), "{asleep}");
    }
}
