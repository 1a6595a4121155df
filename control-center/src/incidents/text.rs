//! What people type, made fit to be stored, compared and shown: NFC, because Vietnamese typed on one machine comes as one
//! character and on another as a letter with two marks; without control characters; within bounds.

use unicode_normalization::UnicodeNormalization as _;

/// One line of 1 to `max_chars` characters.
///
/// # Errors
/// Says what is wrong.
pub fn line(name: &str, text: &str, max_chars: usize) -> Result<String, String> {
    let text: String = text.nfc().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    check(name, text.trim(), max_chars, |_| false)
}

/// Some lines of 1 to `max_chars` characters together.
///
/// # Errors
/// Says what is wrong.
pub fn lines(name: &str, text: &str, max_chars: usize) -> Result<String, String> {
    let text: String = text.replace("\r\n", "\n").nfc().collect();
    check(name, text.trim(), max_chars, |c| matches!(c, '\n' | '\t'))
}

fn check(name: &str, text: &str, max_chars: usize, also: impl Fn(char) -> bool) -> Result<String, String> {
    let chars = text.chars().count();
    if !(1..=max_chars).contains(&chars) {
        return Err(format!("{name} needs 1 to {max_chars} characters"));
    }
    if let Some(odd) = text.chars().find(|c| is_hidden(*c) && !also(*c)) {
        return Err(format!("{name} has a character that does not show: U+{:04X}", u32::from(odd)));
    }
    Ok(text.to_owned())
}

/// Lower-case letters, digits and `more`, 1 to 64 of them, not beginning with one of `more`.
pub(crate) fn is_word(text: &str, more: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=64).contains(&text.len())
        && text.starts_with(letter)
        && text.chars().all(|c| letter(c) || more.contains(c))
}

/// Control characters, and those that turn the direction of a line around: they make a text look like another one.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_vietnamese_word_is_the_same_text_however_it_was_typed() {
        let decomposed = "Nga\u{303} Tu\u{31b}";
        assert_eq!(line("title", decomposed, 10).unwrap(), "Ngã Tư");
        assert_eq!(line("title", "  Ngã\nTư ", 10).unwrap(), "Ngã Tư");
        assert_eq!(lines("text", "một\r\nhai", 10).unwrap(), "một\nhai");
        // Counted as it is stored.
        assert_eq!(line("title", decomposed, 6).unwrap().chars().count(), 6);
    }

    #[test]
    fn what_does_not_show_is_refused_and_named() {
        for odd in ["a\0b", "a\u{202e}b", "a\u{7}b"] {
            assert!(line("title", odd, 10).unwrap_err().contains("U+"), "{odd:?}");
            assert!(lines("title", odd, 10).is_err());
        }
        assert!(line("title", "   ", 10).is_err());
        assert!(line("title", "quá dài rồi", 5).is_err());
    }
}
