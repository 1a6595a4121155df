//! Forms with files, `multipart/form-data` (RFC 7578), out of a body that is there as a whole. Pure.

use bytes::Bytes;

/// Parts of one form.
const MAX_PARTS: usize = 40;

/// Why a body is not taken for a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not a form")]
pub(crate) struct NotAForm;

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Whether it is a file.
    pub(crate) is_file: bool,
    pub(crate) body: Bytes,
}

/// The boundary that a content type names.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').to_owned())
    })?;
    let fits = (1..=70).contains(&boundary.len()) && boundary.bytes().all(|b| (0x20..0x7F).contains(&b));
    fits.then_some(boundary)
}

/// The fields of a form, in their order.
pub(crate) fn parse(body: &Bytes, boundary: &str) -> Result<Vec<Field>, NotAForm> {
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter has no line in front of it.
    let first = delimiter.strip_prefix("\r\n").expect("it begins so");
    if !body.starts_with(first.as_bytes()) {
        return Err(NotAForm);
    }
    let mut at = first.len();
    let mut fields = Vec::new();
    loop {
        let rest = &body[at..];
        if rest.starts_with(b"--") {
            return Ok(fields);
        }
        if !rest.starts_with(b"\r\n") || fields.len() >= MAX_PARTS {
            return Err(NotAForm);
        }
        // Searched from the line break on, so that a part without any header is seen as such.
        let head = find(rest, b"\r\n\r\n").ok_or(NotAForm)?;
        let begin = at + head + 4;
        let length = find(&body[begin - 2..], delimiter.as_bytes()).ok_or(NotAForm)?;
        let end = (begin - 2 + length).max(begin);
        let (name, is_file) = disposition(&rest[..head]).ok_or(NotAForm)?;
        fields.push(Field { name, is_file, body: body.slice(begin..end) });
        at = begin - 2 + length + delimiter.len();
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part == wanted)
}

/// Name of a field, and whether it is a file.
fn disposition(head: &[u8]) -> Option<(String, bool)> {
    let head = std::str::from_utf8(head).ok()?;
    let line = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let parameter = |wanted: &str| {
        line.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    Some((parameter("name")?, parameter("filename").is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FORM: &str = "--XX\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nXin chào\r\n--dòng hai\r\n--XX\r\n\
        content-disposition: form-data; name=picture; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\r\n--XX--\r\n";

    #[test]
    fn a_browsers_form_is_read_field_by_field() {
        let fields = parse(&Bytes::from_static(FORM.as_bytes()), "XX").unwrap();
        let field =
            |name: &str, is_file, body: &'static str| Field { name: name.into(), is_file, body: body.into() };
        assert_eq!(fields, [field("text", false, "Xin chào\r\n--dòng hai"), field("picture", true, "")]);
        assert_eq!(boundary("multipart/form-data; charset=x; Boundary=\"XX\""), Some("XX".into()));
        for none in ["multipart/form-data", "application/json; boundary=XX", "multipart/form-data; boundary="]
        {
            assert_eq!(boundary(none), None, "{none}");
        }
    }

    #[test]
    fn a_form_that_is_cut_off_is_none() {
        for length in 0..FORM.len() - 4 {
            let cut = Bytes::copy_from_slice(&FORM.as_bytes()[..length]);
            assert_eq!(parse(&cut, "XX"), Err(NotAForm), "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_fail(bytes in prop::collection::vec(prop::sample::select(&b"-X\r\n:;=\"ac"[..]), 0..200)) {
            let _ = parse(&Bytes::from([b"--XX", bytes.as_slice()].concat()), "XX");
        }
    }
}
