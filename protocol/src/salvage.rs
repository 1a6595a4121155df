//! Outbox and number of a message that is no JSON, so that the ledger can count it and its sender need not send it for
//! ever.
//!
//! One pass without recursion that knows strings, brackets, colons and commas and nothing else: what stands between them
//! may be anything, such as NaN or half a surrogate pair. Keys count only in the message's own object, not in its data;
//! a key that stands there twice, or a value that is not what it must be, gives no number.

use crate::OutboxId;
use uuid::Uuid;

/// The numbers of the objects that lie `depth` brackets deep: 1 for the text of a message, 2 for an array of them.
pub(crate) fn numbers(bytes: &[u8], depth: usize) -> Vec<(OutboxId, u64)> {
    let (mut found, mut object, mut open, mut at) = (Vec::new(), Object::default(), 0usize, 0);
    while at < bytes.len() {
        let end = end_of_token(bytes, at);
        let token = &bytes[at..end];
        at = end;
        match token {
            [b' ' | b'\t' | b'\r' | b'\n'] => {}
            [b'[' | b'{'] => {
                if open == depth {
                    // A value that is an array or an object is none that is wanted.
                    object.text(b"");
                }
                open += 1;
                if open == depth {
                    object = Object::default();
                }
            }
            [b']' | b'}'] => {
                if open == depth && token == b"}" {
                    found.extend(std::mem::take(&mut object).number());
                }
                open = open.saturating_sub(1);
            }
            _ if open != depth => {}
            b":" => object.key_ends(),
            b"," => object.value_ends(),
            text => object.text(text),
        }
    }
    found
}

/// Where the token ends that begins at `at`: a string, one mark or blank, or a word of anything else.
fn end_of_token(bytes: &[u8], at: usize) -> usize {
    let stands_alone =
        |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'[' | b']' | b'{' | b'}' | b':' | b',');
    if bytes[at] == b'"' {
        let mut end = at + 1;
        while end < bytes.len() && bytes[end] != b'"' {
            end += 1 + usize::from(bytes[end] == b'\\');
        }
        return (end + 1).min(bytes.len());
    }
    if stands_alone(bytes[at]) {
        return at + 1;
    }
    let rest = bytes[at..].iter().position(|byte| stands_alone(*byte) || *byte == b'"');
    rest.map_or(bytes.len(), |length| at + length)
}

/// What was read of a message's own object.
#[derive(Debug, Default)]
struct Object<'a> {
    /// The tokens since the last mark: how many, and the last of them.
    tokens: (usize, &'a [u8]),
    key: &'a [u8],
    /// Each value that stood under the key, readable or not.
    outbox: Vec<Option<Uuid>>,
    sequence: Vec<Option<u64>>,
}

impl<'a> Object<'a> {
    fn text(&mut self, text: &'a [u8]) {
        self.tokens = (self.tokens.0 + 1, text);
    }

    /// The only token since the last mark.
    fn only_token(&mut self) -> &'a [u8] {
        match std::mem::take(&mut self.tokens) {
            (1, text) => text,
            _ => b"",
        }
    }

    fn key_ends(&mut self) {
        self.key = self.only_token();
    }

    fn value_ends(&mut self) {
        let text = std::str::from_utf8(self.only_token()).unwrap_or("");
        match std::mem::take(&mut self.key) {
            b"\"outbox\"" => {
                let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                self.outbox.push(inner.and_then(|inner| Uuid::try_parse(inner).ok()));
            }
            b"\"sequence\"" => {
                let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
                self.sequence.push(text.parse().ok().filter(|_| is_number));
            }
            _ => {}
        }
    }

    fn number(mut self) -> Option<(OutboxId, u64)> {
        self.value_ends();
        match (self.outbox.as_slice(), self.sequence.as_slice()) {
            ([Some(outbox)], [Some(sequence)]) => Some((OutboxId(*outbox), *sequence)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3f2b9d1e-0d3c-4f59-9b1a-5f6f0a1b2c3d";

    fn of(text: &str) -> Vec<u64> {
        numbers(text.replace("ID", ID).as_bytes(), 1).into_iter().map(|(_, sequence)| sequence).collect()
    }

    #[test]
    fn a_number_is_found_whatever_else_stands_in_the_message() {
        for text in [
            r#"{"outbox":"ID","sequence":7}"#,
            r#" { "sequence" : 7 , "data" : {"confidence":NaN} , "outbox" : "ID" } "#,
            r#"{"outbox":"ID","sequence":7,"data":{"rule":"\ud800","a":[1,Infinity,{"sequence":8}]}}"#,
            r#"{"outbox":"ID","sequence":7,"data":{"outbox":"x","note":"a \" } , \"sequence\":9"}}"#,
            r#"{"outbox":"ID","sequence":7,"odd" "words":here,,}"#,
        ] {
            assert_eq!(of(text), [7], "{text}");
        }
        let mut deep = format!(r#"{{"outbox":"{ID}","sequence":7,"data":"#);
        deep.push_str(&"[".repeat(100_000));
        deep.push_str(&"]".repeat(100_000));
        deep.push('}');
        assert_eq!(of(&deep), [7]);
        assert_eq!(numbers(&[deep.as_bytes(), b"\xff"].concat(), 1).len(), 1, "not UTF-8");
    }

    #[test]
    fn what_is_not_certain_is_no_number() {
        for text in [
            "",
            "{",
            "}",
            "\"",
            "\\",
            r#"{"sequence":7}"#,
            r#"{"outbox":"ID","sequence":7"#,
            r#"{"outbox":"ID","sequence":7]"#,
            r#"{"outbox":"ID","sequence":7,"sequence":8}"#,
            r#"{"outbox":"ID","sequence":7 8}"#,
            r#"{"outbox":"ID","sequence":+7}"#,
            r#"{"outbox":"ID","sequence":-7}"#,
            r#"{"outbox":"ID","sequence":7.5}"#,
            r#"{"outbox":"ID","sequence":"7"}"#,
            r#"{"outbox":"ID","sequence":[7]}"#,
            r#"{"outbox":"ID","sequence":99999999999999999999}"#,
            r#"{"outbox":"nobody","sequence":7}"#,
            r#"{"data":{"outbox":"ID","sequence":7}}"#,
            r#"["outbox":"ID","sequence":7]"#,
        ] {
            assert_eq!(of(text), [0; 0], "{text}");
        }
    }

    #[test]
    fn each_whole_message_of_an_array_is_found() {
        let payload = format!(
            r#"[{{"outbox":"{ID}","sequence":1,"x":NaN}},{{"no":"number"}},{{"outbox":"{ID}","sequence":2}},{{"outbox""#
        );
        let found: Vec<u64> = numbers(payload.as_bytes(), 2).into_iter().map(|(_, number)| number).collect();
        assert_eq!(found, [1, 2]);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            numbers(&bytes, 1);
        }

        #[test]
        fn it_finds_what_a_json_parser_finds(sequence in 0u64.., note in ".{0,40}") {
            let message = serde_json::json!({"outbox": ID, "data": {"note": note}, "sequence": sequence});
            proptest::prop_assert_eq!(of(&message.to_string()), [sequence]);
        }
    }
}
