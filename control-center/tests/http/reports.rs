//! Citizens' reports: filed without a session, seen by who has the key, triaged and answered by operators.

use crate::harness::{Center, Socket, next_json};
use crate::incidents::{answer, post};
use control_center::access::limits::{Quota, Quotas};
use control_center::access::users::Role;
use control_center::clock;
use control_center::incidents::reports::{NewReport, file_numbered};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

/// A JPEG whose metadata say where it was taken.
fn photo() -> Vec<u8> {
    let mut photo = vec![0xFF, 0xD8];
    for (marker, body) in [(0xE1_u8, &b"Exif\0\0II*\0 20.4463N 106.3366E"[..]), (0xDA, b"\x01")] {
        photo.extend([0xFF, marker, 0, u8::try_from(body.len() + 2).unwrap()]);
        photo.extend(body);
    }
    photo.extend([1, 2, 3, 0xFF, 0xD9]);
    photo
}

/// A form as a browser sends it; `begun` is that many seconds old.
async fn form(
    center: &Center,
    age_s: i64,
    fields: &[(&str, &str)],
    picture: Option<&[u8]>,
) -> (String, Vec<u8>) {
    let begin = center.bare(Method::GET, "/api/v1/reports/form").send().await.unwrap();
    let begun = answer(begin).await.1["begun"].as_str().unwrap().to_owned();
    // The clock of the form is the center's: what is older was stamped earlier with the same secret.
    let secret: Vec<u8> =
        sqlx::query_scalar("select value from center_secrets").fetch_one(&center.pool).await.unwrap();
    let begun_s = begun.split('.').next().unwrap().parse::<i64>().unwrap() - age_s;
    let stamped = control_center::http::stamp_report_form(&secret, begun_s);
    let mut body = Vec::new();
    let mut fields: Vec<(&str, &str)> = fields.to_vec();
    fields.push(("begun", &stamped));
    for (name, value) in fields {
        body.extend(
            format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    if let Some(picture) = picture {
        let head = "--B\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.jpg\"\r\n\r\n";
        body.extend(head.bytes());
        body.extend(picture);
        body.extend(b"\r\n");
    }
    body.extend(b"--B--\r\n");
    ("multipart/form-data; boundary=B".into(), body)
}

/// Files a report of an area with its own picture; what the reporter is told.
pub(crate) async fn file(center: &Center, more: &[(&str, &str)], picture: u8) -> (StatusCode, Value) {
    let fields = [&GOOD[..], more].concat();
    let mut photo = photo();
    let last = photo.len() - 3;
    photo[last] = picture;
    answer(send(center, form(center, 5, &fields, Some(&photo)).await, "*/*").await).await
}

async fn send(center: &Center, (kind, body): (String, Vec<u8>), accept: &str) -> Response {
    let request =
        center.bare(Method::POST, "/api/v1/reports").header("content-type", kind).header("accept", accept);
    request.body(body).send().await.unwrap()
}

const GOOD: [(&str, &str); 5] = [
    ("kind", "flood"),
    ("text", "Nga\u{303} tư ngập\nsâu"),
    ("consent", "yes"),
    ("contact", "0912 345 678"),
    ("place", "Đường Lý Bôn"),
];

#[tokio::test]
async fn a_citizen_reports_and_sees_what_becomes_of_it() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let filed = send(&center, form(&center, 5, &GOOD, Some(&photo())).await, "application/json").await;
    let (status, filed) = answer(filed).await;
    assert_eq!(status, 201, "{filed}");
    let (number, key) = (filed["number"].as_str().unwrap(), filed["key"].as_str().unwrap());
    let state = async |key: &str| {
        let path = format!("/api/v1/reports/{number}?key={key}");
        answer(center.bare(Method::GET, &path).send().await.unwrap()).await
    };
    assert_eq!(state(key).await.1["state"], "received");
    assert_eq!(state("wrong").await.0, 404);
    let listed = lan.get("/api/v1/reports?unanswered=true").await;
    let report = &listed["items"][0];
    assert_eq!(report["text"], "Ngã tư ngập\nsâu", "one character each");
    assert_eq!(report["contact"], "0912 345 678");
    assert_eq!(center.audit_rows("reports.look").await, 1);
    let picture = lan.request(Method::GET, report["pictures"][0].as_str().unwrap()).send().await.unwrap();
    let picture = picture.bytes().await.unwrap();
    assert!(picture.starts_with(&[0xFF, 0xD8]) && !picture.windows(7).any(|part| part == b"20.4463"));

    let linked = post(&lan, &format!("/api/v1/reports/{number}/link"), json!({})).await;
    assert_eq!((linked.0, &linked.1["state"]), (StatusCode::OK, &json!("accepted")), "{linked:?}");
    let path = format!("/api/v1/incidents/{}", linked.1["incident"].as_str().unwrap());
    let view = lan.get(&path).await;
    assert_eq!((&view["incident"]["kind"], &view["incident"]["origin"]), (&json!("flood"), &json!("report")));
    assert_eq!(view["evidence"][0]["url"], report["pictures"][0]);
    assert!(!view.to_string().contains("0912"), "the contact stays with the report");
    let other = post(&lan, "/api/v1/incidents", json!({ "kind": "fire" })).await.1;
    let again = json!({ "incident": other["id"] });
    assert_eq!(post(&lan, &format!("/api/v1/reports/{number}/link"), again).await.0, 409);
    let told = json!({ "text": "Đã bơm nước, cảm ơn bạn <3" });
    assert_eq!(post(&lan, &format!("/api/v1/reports/{number}/answer"), told.clone()).await.0, 200);
    let (status, late) = post(&lan, &format!("/api/v1/reports/{number}/answer"), told).await;
    assert_eq!((status, &late["by"]["name"]), (StatusCode::CONFLICT, &json!("Người lan")));
    assert_eq!(state(key).await.1["answer"], "Đã bơm nước, cảm ơn bạn <3");
    let answers = lan.get("/api/v1/reports").await["answers"].clone();
    assert_eq!(answers, json!({ "answered": 1, "on_time": 1, "overdue": 0, "on_time_ratio": 1.0 }));
    let page = center.bare(Method::GET, &format!("/report/{number}?key={key}&lang=en")).send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), page.headers()["content-type"].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    let page = page.text().await.unwrap();
    assert!(page.contains("Answered") && page.contains("&lt;3"), "{page}");
    // Late answers count against the ratio.
    sqlx::query("update reports set due_at = received_at").execute(&center.pool).await.unwrap();
    assert_eq!(lan.get("/api/v1/reports").await["answers"]["on_time_ratio"], 0.0);
    let viewer = center.person("viewer", Role::Viewer).await;
    let refused = viewer.request(Method::GET, "/api/v1/reports").send().await.unwrap();
    assert_eq!(refused.status(), 403, "contacts are not for everybody");
}

#[tokio::test]
async fn what_programs_send_is_refused_and_nobody_sends_too_much() {
    let center = Center::start().await;
    type Try<'a> = (i64, Vec<(&'a str, &'a str)>, Option<Vec<u8>>);
    let table: Vec<Try<'_>> = vec![
        (-60, GOOD.to_vec(), None),
        (90_000, GOOD.to_vec(), None),
        (5, [&GOOD[..], &[("website", "http://spam.example")]].concat(), None),
        (5, vec![("kind", "flood"), ("text", "x")], None),
        (5, vec![("consent", "yes"), ("kind", "flood")], None),
        (5, vec![("consent", "yes"), ("kind", "earthquake"), ("text", "x")], None),
        (5, [&GOOD[..], &[("lat", "200"), ("lon", "1")]].concat(), None),
        (5, GOOD.to_vec(), Some(b"<svg onload=alert(1)>".to_vec())),
    ];
    for (age_s, fields, picture) in table {
        let response = send(&center, form(&center, age_s, &fields, picture.as_deref()).await, "*/*").await;
        assert_eq!(response.status(), 422, "{age_s} {fields:?}");
    }
    let json = center.bare(Method::POST, "/api/v1/reports").json(&json!({})).send().await.unwrap();
    assert_eq!(json.status(), 415);
    let (kind, mut forged) = form(&center, 5, &GOOD, None).await;
    let at = forged.windows(6).position(|part| part == b"\"begun").unwrap() + 14;
    forged[at] = if forged[at] == b'1' { b'2' } else { b'1' };
    assert_eq!(send(&center, (kind, forged), "*/*").await.status(), 422, "a time that nobody stamped");
    let none: i64 = sqlx::query_scalar("select count(*) from reports").fetch_one(&center.pool).await.unwrap();
    assert_eq!(none, 0);
    // A burst together does not pass either.
    let mut forms = Vec::new();
    for _ in 0..12 {
        forms.push(form(&center, 5, &GOOD, None).await);
    }
    let sent =
        futures_util::future::join_all(forms.into_iter().map(|form| send(&center, form, "text/html"))).await;
    let count = |status: u16| sent.iter().filter(|response| response.status().as_u16() == status).count();
    assert_eq!((count(200) + count(303), count(429)), (5, 7), "five an hour from one address");
    let forgotten = control_center::clock::now() + chrono::TimeDelta::hours(25);
    control_center::incidents::reports::forget_senders(&center.pool, forgotten).await.unwrap();
    let known: i64 =
        sqlx::query_scalar("select count(sender) from reports").fetch_one(&center.pool).await.unwrap();
    assert_eq!(known, 0, "after a day nobody knows where they came from");
}

#[tokio::test]
async fn the_form_needs_no_script_and_leads_to_the_reports_own_page() {
    let center = Center::start().await;
    for (lang, words) in [("vi", "Phản ánh hiện trường"), ("en", "Report what happens")] {
        let page = center.bare(Method::GET, &format!("/report?lang={lang}")).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("form-action 'self'") && !policy.contains("script-src 'unsafe-inline'"));
        let page = page.text().await.unwrap();
        assert!(page.contains(words) && page.contains("width=device-width") && !page.contains("<script"));
    }
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let (kind, body) = form(&center, 5, &GOOD, None).await;
    let request = client.post(format!("{}/api/v1/reports", center.origin())).header("content-type", kind);
    let sent = request
        .header("accept", "text/html,*/*")
        .header("origin", center.origin())
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 303);
    let own = sent.headers()["location"].to_str().unwrap().to_owned();
    let page = center.bare(Method::GET, &own).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("Đã nhận, chờ xem xét"));
    let wrong = center.bare(Method::GET, "/report/R-0000-0000?key=x").send().await.unwrap();
    assert_eq!(wrong.status(), 404);
    let rejected: Value = {
        let lan = center.person("lan", Role::Operator).await;
        let number = own.trim_start_matches("/report/").split('?').next().unwrap().to_owned();
        let (status, report) =
            post(&lan, &format!("/api/v1/reports/{number}/reject"), json!({ "reason": "Ngoài địa bàn" }))
                .await;
        assert_eq!(status, 200, "{report}");
        assert_eq!(post(&lan, &format!("/api/v1/reports/{number}/link"), json!({})).await.0, 409);
        report
    };
    assert_eq!(rejected["state"], "rejected");
    let page = center.bare(Method::GET, &own).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Không tiếp nhận") && page.contains("Ngoài địa bàn"));
}

#[tokio::test]
async fn a_report_that_lies_in_no_area_waits_for_everybody_who_triages_until_it_is_placed() {
    let center = Center::start().await;
    crate::areas::import(&center).await;
    let north = center.person_of("north", Role::Operator, &["north"]).await;
    let south = center.person_of("south", Role::Operator, &["south"]).await;
    let both = center.person_of("both", Role::Operator, &["north", "south"]).await;
    let viewer = center.person_of("viewer", Role::Viewer, &["north"]).await;
    let numbers = async |browser: &crate::harness::Browser<'_>, query: &str| {
        let page = browser.get(&format!("/api/v1/reports?{query}")).await;
        page["items"].as_array().unwrap().iter().map(|r| r["number"].clone()).collect::<Vec<_>>()
    };
    let begin = center.bare(Method::GET, "/api/v1/reports/form").send().await.unwrap();
    let areas = answer(begin).await.1["areas"].clone();
    assert_eq!(areas, json!([{ "id": "north", "name": "Bắc" }, { "id": "south", "name": "Nam" }]));
    let page = center.bare(Method::GET, "/report").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<option value=\"south\">Nam</option>") && page.contains("Không rõ"));
    assert_eq!(file(&center, &[("area", "moon")], 1).await.0, 422);

    let (_, chosen) = file(&center, &[("area", "south")], 2).await;
    assert_eq!(numbers(&south, "").await, [chosen["number"].clone()]);
    assert!(numbers(&north, "").await.is_empty());

    let (_, lost) = file(&center, &[("area", "")], 3).await;
    let path = format!("/api/v1/reports/{}", lost["number"].as_str().unwrap());
    for browser in [&north, &south, &both] {
        assert_eq!(numbers(browser, "unplaced=true").await, [lost["number"].clone()]);
        assert_eq!(browser.get("/api/v1/reports?unplaced=true").await["items"][0]["area"], Value::Null);
    }
    let picture = north.get("/api/v1/reports?unplaced=true").await["items"][0]["pictures"][0].clone();
    let look = async |browser: &crate::harness::Browser<'_>| {
        browser.request(Method::GET, picture.as_str().unwrap()).send().await.unwrap().status()
    };
    assert_eq!((look(&north).await, look(&viewer).await), (StatusCode::OK, StatusCode::NOT_FOUND));
    let unplaced = post(&both, &format!("{path}/link"), json!({})).await;
    assert_eq!(unplaced.0, 422, "nobody knows which of both: {}", unplaced.1);
    assert_eq!(post(&viewer, &format!("{path}/area"), json!({ "area": "north" })).await.0, 403);
    assert_eq!(post(&north, &format!("{path}/area"), json!({ "area": "moon" })).await.0, 422);
    let (status, placed) = post(&north, &format!("{path}/area"), json!({ "area": "south" })).await;
    assert_eq!((status, &placed["area"]), (StatusCode::OK, &json!("south")), "{placed}");
    assert_eq!(center.audit_rows("report.place").await, 1);
    assert!(numbers(&north, "").await.is_empty(), "it was passed on");
    assert_eq!(look(&north).await, 404);
    assert_eq!(post(&north, &format!("{path}/area"), json!({ "area": "north" })).await.0, 404);
    let (status, linked) = post(&south, &format!("{path}/link"), json!({})).await;
    assert_eq!(status, 200, "{linked}");
    let incident = south.get(&format!("/api/v1/incidents/{}", linked["incident"].as_str().unwrap())).await;
    assert_eq!(incident["incident"]["area"], "south");
    assert_eq!(post(&south, &format!("{path}/area"), json!({ "area": "north" })).await.0, 409);

    // Who has one area means that one.
    let (_, taken) = file(&center, &[], 4).await;
    let path = format!("/api/v1/reports/{}/link", taken["number"].as_str().unwrap());
    let (status, taken) = post(&north, &path, json!({})).await;
    assert_eq!((status, &taken["area"]), (StatusCode::OK, &json!("north")), "{taken}");
    assert!(numbers(&both, "unplaced=true").await.is_empty());
}

#[tokio::test]
async fn who_may_read_a_report_hears_at_once_that_it_came_or_changed_and_nobody_else() {
    let center = Center::start().await;
    crate::areas::import(&center).await;
    let north = center.person_of("north", Role::Operator, &["north"]).await;
    let south = center.person_of("south", Role::Supervisor, &["south"]).await;
    let viewer = center.person("viewer", Role::Viewer).await;
    // The heartbeat of a resume says that the client hears from now on.
    let (mut in_north, mut in_south, mut viewing) =
        (north.live(Some(0)).await, south.live(Some(0)).await, viewer.live(Some(0)).await);
    for socket in [&mut in_north, &mut in_south, &mut viewing] {
        assert_eq!(next_json(socket).await["type"], "heartbeat");
    }
    let heard = async |socket: &mut Socket| {
        let frame = next_json(socket).await;
        let _: control_center::live::LiveMessage = serde_json::from_value(frame.clone()).unwrap();
        (frame["type"].clone(), frame["number"].clone(), frame["change"].clone())
    };
    let told = |number: &Value, change: &str| (json!("report"), number.clone(), json!(change));

    let southern = file(&center, &[("area", "south")], 1).await.1["number"].clone();
    assert_eq!(heard(&mut in_south).await, told(&southern, "filed"));
    let lost = file(&center, &[], 2).await.1["number"].clone();
    for socket in [&mut in_north, &mut in_south] {
        assert_eq!(heard(socket).await, told(&lost, "filed"), "it lies nowhere yet");
    }
    let path = format!("/api/v1/reports/{}", lost.as_str().unwrap());
    assert_eq!(post(&north, &format!("{path}/area"), json!({ "area": "south" })).await.0, 200);
    for socket in [&mut in_north, &mut in_south] {
        assert_eq!(heard(socket).await, told(&lost, "placed"), "the one loses it, the other one has it now");
    }
    assert_eq!(post(&south, &format!("{path}/answer"), json!({ "text": "Xong" })).await.0, 200);
    assert_eq!(heard(&mut in_south).await, told(&lost, "answered"));

    // What did not happen is not told.
    let path = format!("/api/v1/reports/{}", southern.as_str().unwrap());
    assert_eq!(post(&north, &format!("{path}/reject"), json!({ "reason": "x" })).await.0, 404);
    assert_eq!(post(&south, &format!("{path}/reject"), json!({ "reason": "x" })).await.0, 200);
    assert_eq!(heard(&mut in_south).await, told(&southern, "rejected"));
    // Lost bells are made good: whoever triages is told to look.
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like '%incident_log l%' and pid <> pg_backend_pid()";
    sqlx::query(cut).execute(&center.pool).await.unwrap();
    for socket in [&mut in_north, &mut in_south] {
        assert_eq!(heard(socket).await, told(&Value::Null, "missed"));
    }
    assert_eq!(post(&south, "/api/v1/incidents", json!({ "kind": "fire", "area": "south" })).await.0, 201);
    assert_eq!(heard(&mut in_south).await.0, "incident");
    assert_eq!(heard(&mut viewing).await.0, "incident", "and of reports not a word before");
}

#[tokio::test]
async fn a_number_that_is_taken_is_drawn_again() {
    let center = Center::start().await;
    let new =
        NewReport { kind: "flood".into(), text: "Ngập".into(), language: "vi", ..NewReport::default() };
    let mut connection = center.pool.acquire().await.unwrap();
    for (mut drawn, wanted) in [(vec![7], "R-0000-0007"), (vec![12_345_678, 7, 7], "R-1234-5678")] {
        let filed =
            file_numbered(&mut connection, &new, || drawn.pop().unwrap(), clock::now()).await.unwrap();
        assert_eq!(filed.number, wanted);
    }
}

#[tokio::test]
async fn a_report_that_is_sent_again_with_its_key_is_filed_once_and_answered_alike() {
    let center = Center::start().await;
    let (kind, body) = form(&center, 5, &GOOD, Some(&photo())).await;
    let file = async |from: &str, kind: &str, body: Vec<u8>| {
        let request = center.bare(Method::POST, "/api/v1/reports").header("content-type", kind);
        let request = request.header("idempotency-key", "k-1").header("x-forwarded-for", from.to_owned());
        answer(request.body(body).send().await.unwrap()).await
    };
    let first = file("198.51.100.1", &kind, body.clone()).await;
    assert_eq!(first.0, 201, "{}", first.1);
    // Browsers pack a form anew each time.
    let mut anew = body.clone();
    for at in (0..body.len()).filter(|at| body[*at..].starts_with(b"--B")) {
        anew[at + 2] = b'C';
    }
    assert_eq!(file("198.51.100.1", "multipart/form-data; boundary=C", anew).await, first);
    assert_eq!(file("198.51.100.1", &kind, body).await, first);
    let (_, other) = form(&center, 5, &[("kind", "fire"), ("text", "Cháy"), ("consent", "yes")], None).await;
    assert_eq!(file("198.51.100.1", &kind, other.clone()).await.0, 422, "the key of another report");
    assert_eq!(file("198.51.100.2", &kind, other).await.0, 201, "the same key from elsewhere");
    let together: bool = sqlx::query_scalar(
        "select (select xmin from idempotency where body is not null order by created_at limit 1)::text \
           = (select xmin from reports order by received_at limit 1)::text",
    )
    .fetch_one(&center.pool)
    .await
    .unwrap();
    assert!(together, "report and answer are of one transaction");
    let filed: i64 =
        sqlx::query_scalar("select count(*) from reports").fetch_one(&center.pool).await.unwrap();
    assert_eq!(filed, 2);
}

#[tokio::test]
async fn strangers_who_read_without_end_wait_and_their_reading_writes_nothing() {
    let strangers = Quota { burst: 3, every: std::time::Duration::from_secs(3600) };
    let center = Center::start_limited(Quotas { strangers, ..Quotas::default() }).await;
    let read = async |path: &str, from: &str| {
        let request = center.bare(Method::GET, path).header("x-forwarded-for", from.to_owned());
        request.send().await.unwrap().status().as_u16()
    };
    let written = async || -> String {
        let xmin = sqlx::query_scalar("select xmin::text from center_secrets where name = 'report-form'");
        xmin.fetch_one(&center.pool).await.unwrap()
    };
    assert_eq!(read("/api/v1/reports/form", "198.51.100.1").await, 200);
    let first = written().await;
    assert_eq!(read("/report", "198.51.100.1").await, 200);
    assert_eq!(read("/link/guess", "198.51.100.1").await, 404);
    for path in [
        "/report",
        "/api/v1/reports/form",
        "/link/guess",
        "/link/guess/pictures/x",
        "/api/v1/reports/R-1?key=x",
    ] {
        assert_eq!(read(path, "198.51.100.1").await, 429, "{path}");
    }
    assert_eq!(read("/api/v1/reports/form", "198.51.100.2").await, 200);
    assert_eq!(read("/healthz", "198.51.100.1").await, 200);
    assert_eq!(written().await, first);
}

#[tokio::test]
async fn who_sends_slowly_keeps_nobody_else_from_reporting() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let quotas = Quotas { form_stall: std::time::Duration::from_secs(15), ..Quotas::default() };
    let center = Center::start_limited(quotas).await;
    let begin = async |from: &str| {
        let mut stream = tokio::net::TcpStream::connect(center.address).await.unwrap();
        let head = format!(
            "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\nx-forwarded-for: {from}\r\ncontent-length: 9000\r\n\
             content-type: multipart/form-data; boundary=B\r\n\r\n--B\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    };
    let mut slow = Vec::new();
    for address in ["198.51.100.1", "198.51.100.2"] {
        for _ in 0..8 {
            slow.push(begin(address).await);
        }
    }
    let status = async |stream: &mut tokio::net::TcpStream| {
        let mut head = [0; 12];
        // Who was sent away and went on sending may find the line cut.
        let read = stream.read_exact(&mut head).await;
        read.map_or_else(|_| "cut".to_owned(), |_| String::from_utf8_lossy(&head[9..]).into_owned())
    };
    // Who comes when eight of its address are being read is sent away.
    let refused = async {
        let mut more = Vec::new();
        loop {
            // A byte now and then keeps the slow ones going.
            for stream in &mut slow {
                let _ = stream.write_all(b"x").await;
            }
            let mut ninth = begin("198.51.100.1").await;
            let waited = tokio::time::timeout(std::time::Duration::from_secs(1), status(&mut ninth)).await;
            if let Ok(status) = waited
                && status == "429"
            {
                return;
            }
            // It had the eighth place, and keeps it.
            more.push(ninth);
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(120), refused).await.expect("the ninth is sent away");
    let sent = send(&center, form(&center, 5, &GOOD, None).await, "application/json").await;
    assert_eq!(sent.status(), 201, "a citizen elsewhere notices nothing");
    let mut statuses = Vec::new();
    for stream in &mut slow {
        statuses.push(status(stream).await);
    }
    // Those that came while another one of their address had the eighth place were sent away at once.
    let timed_out = statuses.iter().filter(|status| *status == "408").count();
    assert!(timed_out >= 12, "{statuses:?}");
    let sent = send(&center, form(&center, 5, &GOOD, None).await, "application/json").await;
    assert_eq!(sent.status(), 201);
}
