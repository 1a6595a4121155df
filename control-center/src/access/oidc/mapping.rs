//! From the values of a claim, such as somebody's groups, to a role and areas. Pure.

use crate::access::role::Role;
use serde::Deserialize;
use serde_json::Value;

/// One row of the mapping: who has the value gets this.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// A value of the claim.
    pub value: String,
    /// The role; a row may give areas alone.
    pub role: Option<Role>,
    /// Areas, or `*`.
    #[serde(default)]
    pub areas: Vec<String>,
}

/// What somebody's values give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Of the first row, in the order of the file, that matches and has a role.
    pub role: Option<Role>,
    /// Of all rows that match, sorted.
    pub areas: Vec<String>,
}

/// What these values give.
#[must_use]
pub fn granted(rows: &[Grant], values: &[String]) -> Granted {
    let matching = || rows.iter().filter(|row| values.contains(&row.value));
    let mut areas: Vec<String> = matching().flat_map(|row| row.areas.iter().cloned()).collect();
    areas.sort();
    areas.dedup();
    Granted { role: matching().find_map(|row| row.role), areas }
}

/// A claim by its name; where no claim has that name, a name with dots leads into objects (`realm_access.roles`).
#[must_use]
pub fn find<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    let found =
        claims.get(name).or_else(|| name.split('.').try_fold(claims, |inside, part| inside.get(part)));
    found.filter(|value| !value.is_null())
}

/// The texts of a claim that is a text or a list of them.
#[must_use]
pub fn texts(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_row_with_a_role_gives_it_and_all_that_match_give_their_areas() {
        let row = |value: &str, role, areas: &[&str]| Grant {
            value: value.into(),
            role,
            areas: areas.iter().map(ToString::to_string).collect(),
        };
        let rows = [
            row("north", None, &["north"]),
            row("chiefs", Some(Role::Supervisor), &[]),
            row("desk", Some(Role::Operator), &["south"]),
        ];
        let table: &[(&[&str], Option<Role>, &[&str])] = &[
            (&[], None, &[]),
            (&["others"], None, &[]),
            (&["North"], None, &[]),
            (&["north"], None, &["north"]),
            (&["desk"], Some(Role::Operator), &["south"]),
            (&["desk", "chiefs", "north", "desk"], Some(Role::Supervisor), &["north", "south"]),
        ];
        for (values, role, areas) in table {
            let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
            let wanted = Granted { role: *role, areas: owned(areas) };
            assert_eq!(granted(&rows, &owned(values)), wanted, "{values:?}");
        }
    }

    #[test]
    fn a_claim_is_found_by_its_name_or_by_its_way_and_holds_one_text_or_many() {
        let claims = json!({ "groups": ["a", 1, "b"], "https://x.example/role": "c", "realm_access": { "roles": ["d"] },
            "no": null });
        let table: &[(&str, &[&str])] = &[
            ("groups", &["a", "b"]),
            ("https://x.example/role", &["c"]),
            ("realm_access.roles", &["d"]),
            ("realm_access", &[]),
            ("realm_access.none", &[]),
            ("no", &[]),
            ("none", &[]),
        ];
        for (name, wanted) in table {
            assert_eq!(texts(find(&claims, name)), *wanted, "{name}");
        }
    }
}
