//! The examples of the OpenAPI document: one for each body that clients write or read, from `examples.json`.
//!
//! Where one holds another, it names it as `{"$example": "Alert"}`, so that nothing is written twice. A test checks each
//! against its schema.

use serde_json::{Map, Value};
use std::sync::LazyLock;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, Ref, RefOr, Schema};

static EXAMPLES: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("examples.json")).expect("a test reads the file, so it is an object")
});

/// The example of a schema; none when there is none.
pub(crate) fn of(schema: &str) -> Option<Value> {
    EXAMPLES.get(schema).map(resolve)
}

fn resolve(value: &Value) -> Value {
    match value {
        Value::Object(object) => match object.get("$example").and_then(Value::as_str) {
            Some(name) => of(name).unwrap_or(Value::Null),
            None => object.iter().map(|(key, value)| (key.clone(), resolve(value))).collect(),
        },
        Value::Array(items) => items.iter().map(resolve).collect(),
        other => other.clone(),
    }
}

/// Gives the bodies of an operation and of its good answers their examples.
pub(crate) fn add(operation: &mut Operation) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(fill);
    }
    for (status, response) in &mut operation.responses.responses {
        if let (RefOr::T(response), true) = (response, status.as_str() < "400") {
            response.content.values_mut().for_each(fill);
        }
    }
}

fn fill(content: &mut RefOr<Content>) {
    let RefOr::T(content) = content else { return };
    if let Some(RefOr::Ref(Ref { ref_location, .. })) = &content.schema {
        let name = ref_location.rsplit('/').next().unwrap_or_default();
        content.example = of(name);
    }
}

/// Gives a schema its own example.
pub(crate) fn add_to_schema(name: &str, schema: &mut RefOr<Schema>) {
    if let (RefOr::T(Schema::Object(object)), Some(example)) = (schema, of(name)) {
        object.examples = vec![example];
    }
}
