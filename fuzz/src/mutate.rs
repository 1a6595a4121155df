//! Changes inputs as documents rather than as bytes.
//!
//! Bytes changed at random stay JSON too seldom to reach the checks behind the parser: a fault planted for one
//! acknowledgement in a thousand stayed unfound through 500,000 executions. So most changes take the input as a document
//! (JSON or TOML), replace one value in it, and write it again; then it takes a second.

use libfuzzer_sys::fuzzer_mutate;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Words that decoders know, one quoted word a line.
static WORDS: LazyLock<Vec<String>> =
    LazyLock::new(|| include_str!("../dictionary.txt").lines().map(|l| l.replace(['"', '\\'], "")).collect());

/// xorshift64: libFuzzer gives a seed for each change, so that a run can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).expect("it is below a usize")
    }
}

/// The target's seeds, read once from the folder that `FUZZ_SEEDS` names.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = std::env::var("FUZZ_SEEDS").unwrap_or_default();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| std::fs::read(entry.path()).ok()).collect()
});

/// Changes the first `size` bytes of `data`, which has room for `max_size`, and returns the new size.
///
/// What is no document any more is given up for a changed seed half of the time: broken texts teach the fuzzer so much
/// about the parser's errors that they would soon be nearly all of its corpus.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random(u64::from(seed) << 1 | 1);
    // A young xorshift with a small seed gives small numbers.
    for _ in 0..8 {
        random.below(1);
    }
    if random.below(8) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let changed = change_document(&data[..size], &mut random).or_else(|| {
        let seed = SEEDS.get(random.below(SEEDS.len() * 2))?;
        change_document(seed, &mut random)
    });
    match changed {
        Some(bytes) if bytes.len() <= max_size => {
            data[..bytes.len()].copy_from_slice(&bytes);
            bytes.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
}

fn change_document(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    if let Ok(mut document) = serde_json::from_slice::<Value>(bytes) {
        change(&mut document, random);
        return serde_json::to_vec(&document).ok();
    }
    let mut document: Value = toml::from_str(std::str::from_utf8(bytes).ok()?).ok()?;
    change(&mut document, random);
    toml::to_string(&document).ok().map(String::into_bytes)
}

fn change(document: &mut Value, random: &mut Random) {
    let mut chosen = random.below(count(document));
    if let Some(value) = nth(document, &mut chosen) {
        *value = replacement(std::mem::take(value), random);
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// The value that comes `left`-th when one walks the document from its beginning.
fn nth<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, left)),
        Value::Object(fields) => fields.values_mut().find_map(|field| nth(field, left)),
        _ => None,
    }
}

fn replacement(old: Value, random: &mut Random) -> Value {
    if random.below(6) == 0 {
        return anything(random);
    }
    match old {
        Value::Null | Value::Bool(_) => anything(random),
        Value::Number(number) => match (random.below(3), number.as_u64()) {
            (0, Some(n)) => json!(n.wrapping_add(random.below(3) as u64).wrapping_sub(1)),
            (0, None) => json!(number.as_f64().unwrap_or(0.0) * [-1.0, 0.5, 1.001, 1e9][random.below(4)]),
            (1, _) => json!(random.below(10_000)),
            _ => number_of_interest(random),
        },
        Value::String(text) => {
            let mut characters: Vec<char> = text.chars().collect();
            let at = random.below(characters.len() + 1);
            match random.below(4) {
                0 => return json!(word(random)),
                1 => characters.insert(at, ['\0', '/', 'ạ', '-', '9', 'a'][random.below(6)]),
                2 => characters.truncate(at),
                _ => characters.extend_from_within(..),
            }
            json!(characters.into_iter().collect::<String>())
        }
        Value::Array(mut items) => {
            let at = random.below(items.len());
            match (random.below(3), items.get(at).cloned()) {
                (0, Some(_)) => drop(items.remove(at)),
                (1, Some(item)) => items.push(item),
                _ => items.push(anything(random)),
            }
            Value::Array(items)
        }
        Value::Object(fields) => Value::Object(change_fields(fields, random)),
    }
}

fn change_fields(mut fields: Map<String, Value>, random: &mut Random) -> Map<String, Value> {
    let key = fields.keys().nth(random.below(fields.len())).cloned();
    match (random.below(3), key) {
        (0, Some(key)) => drop(fields.remove(&key)),
        (1, Some(key)) => {
            let value = fields.remove(&key).unwrap_or_default();
            fields.insert(word(random), value);
        }
        _ => drop(fields.insert(word(random), anything(random))),
    }
    fields
}

fn anything(random: &mut Random) -> Value {
    match random.below(6) {
        0 => json!(random.below(2) == 0),
        1 => json!(word(random)),
        2 => json!([]),
        3 => json!({}),
        4 => json!([number_of_interest(random), number_of_interest(random)]),
        _ => number_of_interest(random),
    }
}

fn number_of_interest(random: &mut Random) -> Value {
    const NUMBERS: [f64; 8] = [0.0, -0.0, 0.5, 1.0, 1.0000001, -1.0, 1e-308, 1e308];
    const WHOLE: [u64; 6] = [0, 1, 1 << 32, i64::MAX as u64 - 1, i64::MAX as u64, u64::MAX];
    if random.below(2) == 0 { json!(NUMBERS[random.below(8)]) } else { json!(WHOLE[random.below(6)]) }
}

fn word(random: &mut Random) -> String {
    WORDS[random.below(WORDS.len())].clone()
}
