//! One spelling for the text in messages: NFC, because Vietnamese comes from one machine as one character and from another
//! as a letter with two marks, and who searches or compares knows only one of them.

use serde_json::Value;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// The same JSON with its texts in NFC; none where they are that already, which is nearly always.
pub(super) fn json(text: &str) -> Option<String> {
    // Only an escape could hide a mark.
    if is_composed(text) && !text.contains("\\u") {
        return None;
    }
    let mut value = serde_json::from_str(text).ok()?;
    compose(&mut value).then(|| value.to_string())
}

fn is_composed(text: &str) -> bool {
    text.is_ascii() || is_nfc(text)
}

/// Answers whether something changed. Who calls has bounded the depth.
fn compose(value: &mut Value) -> bool {
    match value {
        Value::String(text) if !is_composed(text) => {
            *text = text.nfc().collect();
            true
        }
        // No `any`: it would leave out what follows the first.
        Value::Array(values) => values.iter_mut().fold(false, |changed, value| compose(value) | changed),
        Value::Object(fields) => fields.values_mut().fold(false, |changed, value| compose(value) | changed),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_a_message_is_composed_and_one_that_was_is_not_touched() {
        let decomposed = r#"{"why":{"note":"vu\u0300ng cấm"},"list":["Ngư\u0303","a"],"a":1.5,"b":"câ´m"}"#;
        let found: Value = serde_json::from_str(&json(decomposed).unwrap()).unwrap();
        let wanted = serde_json::json!({"why":{"note":"vùng cấm"},"list":["Ngữ","a"],"a":1.5,"b":"câ´m"});
        assert_eq!(found, wanted);
        assert_eq!(json("[\"u\u{300}\", \"u\u{300}\"]").unwrap(), "[\"ù\",\"ù\"]");
        for same in [r#"{"note":"vùng cấm","x":"\u0041"}"#, r#"{"x":[1,2]}"#, "no JSON \\u"] {
            assert_eq!(json(same), None, "{same}");
        }
    }
}
