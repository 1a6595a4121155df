//! Typed words as a condition on `alerts.search`. A camera is found by its name as well, through its key.

use super::problem::Error;
use sqlx::PgPool;
use std::fmt::Write as _;

const MAX_CHARS: usize = 200;
const MAX_WORDS: usize = 8;
/// Cameras that one word may stand for.
const MAX_CAMERAS: i64 = 300;

/// The words of a text, in lower case, as the database's `simple` parser cuts them.
fn cut(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(MAX_WORDS).map(str::to_lowercase).collect()
}

/// The `tsquery` of a text: each word must begin a word of the alert, or be in its camera's name.
///
/// # Errors
/// When the text has no word, is too long, or the database fails.
pub(crate) async fn words(pool: &PgPool, text: &str) -> Result<String, Error> {
    if text.chars().count() > MAX_CHARS {
        return Err(Error::BadRequest(format!("text: at most {MAX_CHARS} characters")));
    }
    let words = cut(text);
    if words.is_empty() {
        return Err(Error::BadRequest("text: has no word in it".into()));
    }
    let mut query = String::new();
    for word in words {
        let cameras: Vec<String> = sqlx::query_scalar(
            "select edge || '/' || id from cameras where position($1 in lower(name)) > 0 order by 1 limit $2",
        )
        .bind(&word)
        .bind(MAX_CAMERAS)
        .fetch_all(pool)
        .await?;
        push(&mut query, &word, &cameras);
    }
    Ok(query)
}

/// Words are letters and digits, and ids have no quotes, so nothing has to be escaped.
fn push(query: &mut String, word: &str, cameras: &[String]) {
    if !query.is_empty() {
        query.push_str(" & ");
    }
    write!(query, "('{word}':*").expect("a String takes all");
    for camera in cameras.iter().filter(|camera| !camera.contains(['\'', '\\'])) {
        write!(query, " | '{camera}'").expect("a String takes all");
    }
    query.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_operators_do_not_get_into_the_query() {
        assert_eq!(cut("Phúc-Khánh's  & !north:*"), ["phúc", "khánh", "s", "north"]);
        assert_eq!(cut(" '\\& "), Vec::<String>::new());
        let mut query = String::new();
        push(&mut query, "bắc", &["e-1/north".into(), "e'/x".into()]);
        push(&mut query, "yard", &[]);
        assert_eq!(query, "('bắc':* | 'e-1/north') & ('yard':*)");
    }
}
