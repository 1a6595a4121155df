//! A citizen's picture without what it tells about the citizen: place, time, device and thumbnails are cut out of a JPEG.
//! Only the turn of the camera stays, or people would see it lying on its side. Pure; nothing is decoded.

/// Why a picture is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a picture is no whole JPEG")]
pub struct NotAJpeg;

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;
const APP15: u8 = 0xEF;
const COM: u8 = 0xFE;

/// The picture with its pixels, its colours and its turn, and nothing else. What stands behind its end is cut off: phones
/// put films there.
///
/// # Errors
/// When it is no JPEG from its begin to its end.
pub fn without_metadata(jpeg: &[u8]) -> Result<Vec<u8>, NotAJpeg> {
    if !jpeg.starts_with(&[0xFF, SOI]) {
        return Err(NotAJpeg);
    }
    let mut clean = vec![0xFF, SOI];
    let mut turn = None;
    let mut has_scan = false;
    let mut at = 2;
    loop {
        let (marker, next) = marker(jpeg, at)?;
        match marker {
            EOI => {
                if !has_scan {
                    return Err(NotAJpeg);
                }
                clean.extend([0xFF, EOI]);
                if let Some(turn) = turn.filter(|turn| (2..=8).contains(turn)) {
                    clean.splice(2..2, turned(turn));
                }
                return Ok(clean);
            }
            // Without a length; in front of a scan they have no business.
            0x01 | 0xD0..=0xD8 => return Err(NotAJpeg),
            _ => {}
        }
        let length: usize = two(jpeg, next)?.into();
        let body = jpeg.get(next + 2..next + length.max(2)).ok_or(NotAJpeg)?;
        if length < 2 {
            return Err(NotAJpeg);
        }
        at = next + length;
        let keep = match marker {
            APP0 | APP14 => true,
            APP2 => body.starts_with(b"ICC_PROFILE\0"),
            APP1 => {
                turn = turn.or_else(|| orientation(body));
                false
            }
            APP1..=APP15 | COM => false,
            _ => true,
        };
        if keep {
            clean.extend([0xFF, marker]);
            clean.extend(&jpeg[next..at]);
        }
        if marker == SOS {
            has_scan = true;
            let end = scan_end(jpeg, at)?;
            clean.extend(&jpeg[at..end]);
            at = end;
        }
    }
}

/// The marker at a place, behind any number of fill bytes, and the place after it.
fn marker(jpeg: &[u8], mut at: usize) -> Result<(u8, usize), NotAJpeg> {
    if jpeg.get(at) != Some(&0xFF) {
        return Err(NotAJpeg);
    }
    while jpeg.get(at) == Some(&0xFF) {
        at += 1;
    }
    match jpeg.get(at) {
        None | Some(0) => Err(NotAJpeg),
        Some(marker) => Ok((*marker, at + 1)),
    }
}

/// Where the coded pixels end: at the next marker that is no restart.
fn scan_end(jpeg: &[u8], mut at: usize) -> Result<usize, NotAJpeg> {
    loop {
        let ff =
            jpeg.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0xFF)).ok_or(NotAJpeg)?;
        at += ff;
        match jpeg.get(at + 1) {
            None => return Err(NotAJpeg),
            Some(0x00 | 0xD0..=0xD7) => at += 2,
            Some(0xFF) => at += 1,
            Some(_) => return Ok(at),
        }
    }
}

fn two(bytes: &[u8], at: usize) -> Result<u16, NotAJpeg> {
    let pair = bytes.get(at..at + 2).ok_or(NotAJpeg)?;
    Ok(u16::from_be_bytes([pair[0], pair[1]]))
}

/// The turn that an Exif segment says: 1 to 8 (tag 0x0112, Exif 2.3, 4.6.4).
fn orientation(body: &[u8]) -> Option<u8> {
    let tiff = body.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let pair: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let long: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let first = if little { u32::from_le_bytes(long) } else { u32::from_be_bytes(long) };
    let first = usize::try_from(first).ok()?;
    for entry in 0..usize::from(short(first)?) {
        let at = first.checked_add(2 + entry * 12)?;
        if short(at)? == 0x0112 {
            return u8::try_from(short(at + 8)?).ok().filter(|turn| (1..=8).contains(turn));
        }
    }
    None
}

/// The smallest Exif segment that says the turn.
fn turned(turn: u8) -> Vec<u8> {
    let mut segment = vec![0xFF, APP1, 0, 34];
    segment.extend(b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    segment.push(turn);
    segment.extend([0, 0, 0, 0, 0, 0]);
    segment
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], &length[..], body].concat()
    }

    fn exif(turn: u8) -> Vec<u8> {
        let mut body = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
        body.extend(b"\x0f\x01\x02\0\x05\0\0\0GPS!"); // another tag first
        body.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, turn, 0, 0, 0]);
        body.extend(b"\0\0\0\0 20.4463N 106.3366E phone of somebody");
        body
    }

    fn photo(turn: u8) -> Vec<u8> {
        let scan = b"\x01\x02\xFF\x00\x03\xFF\xD0\x04";
        [
            b"\xFF\xD8".to_vec(),
            segment(APP0, b"JFIF\0"),
            segment(APP1, &exif(turn)),
            segment(APP1, b"http://ns.adobe.com/xap/1.0/\0 somebody"),
            segment(0xED, b"Photoshop somebody"),
            segment(COM, b"somebody"),
            segment(0xDB, b"table"),
            segment(SOS, b"\x01"),
            scan.to_vec(),
            segment(0xC4, b"more"),
            segment(SOS, b"\x02"),
            scan.to_vec(),
            b"\xFF\xD9 and a film of somebody".to_vec(),
        ]
        .concat()
    }

    #[test]
    fn what_a_picture_tells_about_who_took_it_is_gone_and_its_turn_stays() {
        for turn in [1, 6] {
            let clean = without_metadata(&photo(turn)).unwrap();
            let has = |what: &[u8]| clean.windows(what.len()).any(|part| part == what);
            assert!(!has(b"somebody") && !has(b"20.4463") && !has(b"GPS") && !has(b"xap"));
            assert!(has(b"table") && has(b"more") && has(b"JFIF"));
            assert!(clean.ends_with(&[0x04, 0xFF, EOI]));
            assert_eq!(has(b"Exif"), turn == 6);
            crate::evidence::check_jpeg(&clean).unwrap();
            assert_eq!(without_metadata(&clean).unwrap(), clean, "clean is clean");
        }
        let clean = without_metadata(&photo(6)).unwrap();
        assert_eq!(orientation(&clean[6..]), Some(6));
    }

    #[test]
    fn what_is_cut_off_anywhere_is_refused() {
        let whole = photo(6);
        let end = whole.len() - b" and a film of somebody".len();
        for length in 0..end {
            assert_eq!(without_metadata(&whole[..length]), Err(NotAJpeg), "{length} bytes");
        }
        assert!(without_metadata(b"<svg/>").is_err());
        assert!(without_metadata(b"\xFF\xD8\xFF\xD9").is_err(), "no picture in it");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fail_and_no_place_comes_through(mut bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0..300_usize) {
            let _ = without_metadata(&bytes);
            let whole = photo(6);
            bytes.splice(0..0, whole[..cut.min(whole.len())].iter().copied());
            let _ = without_metadata(&bytes);
        }
    }
}
