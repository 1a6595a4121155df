//! The OpenAPI document is complete: every operation explains itself, every body has an example, and each example is what
//! its schema says.

use serde_json::Value;
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::from_str(&control_center::http::openapi::document_json()).unwrap()
}

/// Every operation, with its method and path in one.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

/// Every content of an operation: where it stands, its media type, and itself. Refusals are left out.
fn contents(operation: &Value) -> Vec<(String, &String, &Value)> {
    let mut found = Vec::new();
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        found.extend(content.iter().map(|(media_type, content)| ("request".to_owned(), media_type, content)));
    }
    for (status, response) in operation["responses"].as_object().unwrap() {
        if let (Some(content), true) = (response["content"].as_object(), status.as_str() < "400") {
            found.extend(content.iter().map(|(media_type, content)| (status.clone(), media_type, content)));
        }
    }
    found
}

fn is_said(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[test]
fn every_operation_says_what_it_is_for_what_it_takes_and_what_it_answers() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(is_said(&operation["summary"]), "{name} has no summary");
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}: another has the same id");
        assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{name}: the tag is not explained");
        assert!(operation["security"].is_array(), "{name} does not say who may call it");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let in_path: BTreeSet<&str> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let wanted: BTreeSet<&str> =
            name.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        assert_eq!(in_path, wanted, "{name}");
        for parameter in &parameters {
            assert!(is_said(&parameter["description"]), "{name}: {} is not explained", parameter["name"]);
            assert!(parameter["schema"].is_object(), "{name}: {} has no schema", parameter["name"]);
        }
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.as_str() < "400"), "{name} never succeeds");
        for (status, answer) in answers {
            assert!(is_said(&answer["description"]), "{name} {status} is not explained");
            let problem = &answer["content"]["application/problem+json"]["schema"]["$ref"];
            let is_page = name.ends_with("/readyz") || !answer["content"]["text/html"].is_null();
            if status.as_str() >= "400" && !is_page {
                assert_eq!(problem, "#/components/schemas/Problem", "{name} {status}");
            }
        }
    }
    assert!(ids.len() > 80, "{}", ids.len());
}

#[test]
fn every_body_has_an_example_and_its_schema_takes_it() {
    let document = document();
    let mut examples = 0;
    for (name, operation) in operations(&document) {
        for (place, media_type, content) in contents(operation) {
            // Pictures and pages explain themselves, and so does this document.
            let is_data = ["application/json", "multipart/form-data", "application/x-www-form-urlencoded"];
            if !is_data.contains(&media_type.as_str()) || name.ends_with("openapi.json") {
                continue;
            }
            let example = &content["example"];
            assert!(!example.is_null(), "{name} {place} has no example");
            check(&document, &content["schema"], example)
                .unwrap_or_else(|why| panic!("{name} {place}: {why}"));
            examples += 1;
        }
    }
    assert!(examples > 100, "{examples}");
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for example in schema["examples"].as_array().into_iter().flatten().chain(schema.get("example")) {
            check(&document, schema, example).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
        for (property, inner) in schema["properties"].as_object().into_iter().flatten() {
            for example in inner["examples"].as_array().into_iter().flatten().chain(inner.get("example")) {
                check(&document, inner, example).unwrap_or_else(|why| panic!("{name}.{property}: {why}"));
            }
        }
    }
}

/// Whether a value is what a schema says, for the words of JSON Schema that the document uses; another word is a failure.
fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let Some(words) = schema.as_object() else { return Err(format!("{schema} is no schema")) };
    for (word, said) in words {
        check_word(document, (word, said, schema), value).map_err(|why| format!("{word}: {why}"))?;
    }
    Ok(())
}

fn check_word(
    document: &Value,
    (word, said, schema): (&str, &Value, &Value),
    value: &Value,
) -> Result<(), String> {
    let wrong = || Err(format!("{value} is not {said}"));
    let all = |schemas: &Value| {
        schemas.as_array().unwrap().iter().try_for_each(|inner| check(document, inner, value))
    };
    let within = |holds: bool| if holds { Ok(()) } else { wrong() };
    match word {
        "$ref" => {
            let name = said.as_str().unwrap().trim_start_matches('#');
            check(document, document.pointer(name).ok_or_else(|| format!("{name} is not there"))?, value)
        }
        "type" => {
            let is = |name: &Value| match name.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "integer" => value.is_i64() || value.is_u64(),
                "number" => value.is_number(),
                "boolean" => value.is_boolean(),
                "null" => value.is_null(),
                other => panic!("type {other}"),
            };
            within(said.as_array().map_or_else(|| is(said), |names| names.iter().any(is)))
        }
        "enum" => within(said.as_array().unwrap().contains(value)),
        "required" => {
            let Some(object) = value.as_object() else { return Ok(()) };
            let missing =
                said.as_array().unwrap().iter().find(|key| !object.contains_key(key.as_str().unwrap()));
            missing.map_or(Ok(()), |key| Err(format!("{key} is missing")))
        }
        "properties" => {
            let Some(object) = value.as_object() else { return Ok(()) };
            for (key, inner) in object {
                if let Some(schema) = said.get(key) {
                    check(document, schema, inner).map_err(|why| format!("{key}: {why}"))?;
                }
            }
            Ok(())
        }
        "additionalProperties" => {
            let Some(object) = value.as_object() else { return Ok(()) };
            let others = object.iter().filter(|(key, _)| schema["properties"].get(key).is_none());
            for (key, inner) in others {
                match said {
                    Value::Bool(true) => {}
                    Value::Bool(false) => return Err(format!("nobody knows {key}")),
                    schema => check(document, schema, inner).map_err(|why| format!("{key}: {why}"))?,
                }
            }
            Ok(())
        }
        "propertyNames" => {
            let mut keys = value.as_object().into_iter().flat_map(|object| object.keys());
            keys.try_for_each(|key| check(document, said, &Value::from(key.as_str())))
        }
        "items" => {
            let items = value.as_array().into_iter().flatten();
            items
                .enumerate()
                .try_for_each(|(i, item)| check(document, said, item).map_err(|why| format!("{i}: {why}")))
        }
        "oneOf" => {
            let fitting =
                said.as_array().unwrap().iter().filter(|inner| check(document, inner, value).is_ok()).count();
            if fitting == 1 { Ok(()) } else { Err(format!("{fitting} of the schemas fit {value}")) }
        }
        "allOf" => all(said),
        "minimum" => within(value.as_f64().is_none_or(|number| number >= said.as_f64().unwrap())),
        "maximum" => within(value.as_f64().is_none_or(|number| number <= said.as_f64().unwrap())),
        "minLength" => within(length(value).is_none_or(|length| length >= said.as_u64().unwrap())),
        "maxLength" => within(length(value).is_none_or(|length| length <= said.as_u64().unwrap())),
        "minItems" => {
            within(value.as_array().is_none_or(|items| items.len() as u64 >= said.as_u64().unwrap()))
        }
        "maxItems" => {
            within(value.as_array().is_none_or(|items| items.len() as u64 <= said.as_u64().unwrap()))
        }
        "pattern" => within(value.as_str().is_none_or(|text| matches(said.as_str().unwrap(), text))),
        "format" => within(match (said.as_str().unwrap(), value.as_str()) {
            ("date-time", Some(text)) => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
            ("uuid", Some(text)) => text.parse::<uuid::Uuid>().is_ok(),
            ("int32" | "int64" | "float" | "double" | "password" | "binary", _) | (_, None) => true,
            (other, _) => panic!("format {other}"),
        }),
        "description" | "title" | "default" | "example" | "examples" | "deprecated" => Ok(()),
        other => panic!("the check does not know the word {other}"),
    }
}

fn length(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
}

/// The few patterns of the document, by hand.
fn matches(pattern: &str, text: &str) -> bool {
    let is_word = |(first, more): (&str, &str), max: usize| {
        let is_letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let begins =
            text.bytes().next().is_some_and(|byte| is_letter(&byte) || first.as_bytes().contains(&byte));
        begins
            && text.len() <= max
            && text.bytes().all(|byte| is_letter(&byte) || more.as_bytes().contains(&byte))
    };
    match pattern {
        "^[a-z0-9][a-z0-9-]{0,62}$" => is_word(("", "-"), 63),
        "^[a-z0-9][a-z0-9-]{0,63}$" => is_word(("", "-"), 64),
        "^[a-z0-9][a-z0-9_-]{0,63}$" => is_word(("", "_-"), 64),
        "^[a-z0-9_]{1,64}$" => is_word(("_", "_"), 64),
        "^[a-z][a-z0-9_]{0,63}$" => is_word(("", "_"), 64) && !text.starts_with(|c: char| c.is_ascii_digit()),
        "^yes$" => text == "yes",
        "^(vi|en)$" => text == "vi" || text == "en",
        other => panic!("the check does not know the pattern {other}"),
    }
}

/// Lists that are whole on purpose: a city's handful of procedures, and what is computed anew for each question.
const WHOLE: [&str; 4] = [
    "get /api/v1/procedures",
    "get /api/v1/statistics/precision",
    "get /api/v1/policies/proposals",
    "get /api/v1/incidents/{id}/units",
];

/// Every operation that answers a list, with whether it pages.
fn lists(document: &Value) -> Vec<(String, bool)> {
    let mut lists = Vec::new();
    for (name, operation) in operations(document) {
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
        let Some(schema) = schema.as_str().and_then(|name| document.pointer(name.trim_start_matches('#')))
        else {
            continue;
        };
        if name.starts_with("get") && schema["properties"]["items"]["type"] == "array" {
            let asks = |word: &str| {
                operation["parameters"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|one| one["name"] == word))
            };
            let pages = asks("cursor") && asks("limit") && !schema["properties"]["next_cursor"].is_null();
            lists.push((name, pages));
        }
    }
    lists
}

#[test]
fn every_list_pages_by_cursor() {
    let lists = lists(&document());
    assert!(lists.len() > 18, "{lists:?}");
    for (name, pages) in lists {
        assert_eq!(pages, !WHOLE.contains(&name.as_str()), "{name}");
    }
}

#[tokio::test]
async fn a_list_read_one_by_one_is_the_list_read_at_once() {
    use crate::harness::{Center, NewAlert};
    use control_center::access::users::Role;
    use control_center::alerts::Severity;
    use reqwest::Method;
    use serde_json::json;

    let center = Center::start().await;
    let chief = center.person("chief", Role::Admin).await;
    let things = crate::things::things(&center, &chief).await;
    for edge in ["e-1", "e-2", "e-3"] {
        center.add_edge(edge).await;
        center.raise(&[NewAlert { edge, severity: Severity::High }]).await;
        sqlx::query("insert into ledger (edge, outbox, lane, updated_at) values ($1, gen_random_uuid(), 'events', now())")
            .bind(edge)
            .execute(&center.pool)
            .await
            .unwrap();
    }
    let until = control_center::clock::now() + chrono::TimeDelta::hours(1);
    for reason in ["a", "b", "c"] {
        let silence = json!({ "match": { "edges": ["e-1"] }, "until": until, "reason": reason });
        let token = json!({ "name": reason, "role": "viewer", "areas": ["*"], "days": 1 });
        let policy = json!({ "body": {}, "note": reason });
        let unit = json!({ "name_vi": reason, "name_en": reason, "kind": "police", "areas": ["*"], "channels": [{ "kind": "inbox" }] });
        for (method, path, body) in [
            (Method::POST, "/api/v1/silences", silence),
            (Method::POST, "/api/v1/tokens", token),
            (Method::POST, "/api/v1/policies", policy),
            (Method::PUT, &*format!("/api/v1/units/u-{reason}"), unit),
            (Method::POST, &*format!("/api/v1/alerts/{}/claim", things.alert), Value::Null),
            (Method::POST, &*format!("/api/v1/alerts/{}/release", things.alert), Value::Null),
        ] {
            let answer = chief.request(method, path).json(&body).send().await.unwrap();
            assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        }
    }
    let mut several = BTreeSet::new();
    for (name, pages) in lists(&document()) {
        let path = name.trim_start_matches("get ").replace("{id}", &things.alert);
        // The inbox is of people of a unit.
        if !pages || path == "/api/v1/inbox" {
            continue;
        }
        let ask = if path.ends_with("/alerts") || path.ends_with("/incidents") { "state=all&" } else { "" };
        let whole = chief.get(&format!("{path}?{ask}limit=500")).await;
        let (mut one_by_one, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = chief.get(&format!("{path}?{ask}limit=1{cursor}")).await;
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 1, "{path}");
            one_by_one.extend(items.iter().cloned());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
            assert!(one_by_one.len() < 100, "{path} goes round in circles");
        }
        if path.ends_with("/log") {
            // The newest page comes first; on a page the oldest stands first.
            one_by_one.reverse();
        }
        assert_eq!(&json!(one_by_one), &whole["items"], "{path}");
        if one_by_one.len() > 2 {
            several.insert(path);
        }
        let forged = chief.request(
            Method::GET,
            &format!("{}?cursor=x", name.trim_start_matches("get ").replace("{id}", &things.alert)),
        );
        assert_eq!(forged.send().await.unwrap().status(), 400, "{name}");
    }
    for wanted in ["alerts", "edges", "units", "tokens", "silences", "policies", "ledger", "audit"] {
        assert!(
            several.contains(&format!("/api/v1/{wanted}")),
            "{wanted} had too little to page: {several:?}"
        );
    }
}
