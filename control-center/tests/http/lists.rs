//! Cameras, edges, events, observations, tracks, the ledger and the dead letters, from rows to JSON.

use crate::harness::{Browser, Center};
use control_center::access::users::Role;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;

async fn run(center: &Center, statements: &[&'static str]) {
    for statement in statements {
        sqlx::query(*statement).execute(&center.pool).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
}

async fn all(browser: &Browser<'_>, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = browser.get(&format!("{path}&limit=7{cursor}")).await;
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

#[tokio::test]
async fn cameras_and_edges_say_how_they_are_doing() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    run(&center, &[
        "insert into edges (id, name, online, last_seen, version, config_version, config_running, dead_letters, created_at)
         values ('e-1', 'Một', true, now(), '0.1.0', 2, 1, 3, now()), ('e-2', 'Hai', false, now(), null, 0, null, 0, now()),
           ('e-3', 'Ba', false, null, null, 0, null, 0, now())",
        "insert into health (time, outbox, sequence, received_at, edge, data) values
         (now() - interval '10 seconds', gen_random_uuid(), 1, now(), 'e-1', '{\"disk_free_bytes\": 1}'),
         (now(), gen_random_uuid(), 2, now(), 'e-1',
          '{\"disk_free_bytes\": 5000000000, \"temperature_c\": 61.5, \"outbox_depth\": {\"events\": 4},
           \"pictures_dropped\": 2, \"pictures_refused\": 1, \"pictures_error\": \"no way\"}')",
        "insert into cameras (edge, id, name, lat, lon, config, online, health, health_at, created_at) values
         ('e-1', 'a', 'A', 20.5, 106.25, '{\"detector\": \"onnx\"}', true,
          '{\"fps_in\": 25.0, \"fps_analysed\": 5.0, \"width_px\": 1920, \"height_px\": 1080}', now(), now()),
         ('e-1', 'b', 'B', null, null, null, false, '{\"error\": \"no stream\", \"width_px\": 0}', now(), now()),
         ('e-1', 'c', 'C', null, null, null, null, null, null, now()),
         ('e-2', 'a', 'A', null, null, null, true, null, null, now()),
         ('e-3', 'a', 'A', null, null, null, null, null, null, now())",
    ])
    .await;
    let cameras = browser.get("/api/v1/cameras").await;
    let states: Vec<_> = cameras["items"].as_array().unwrap().iter().map(|c| c["state"].clone()).collect();
    assert_eq!(states, ["online", "lost", "unknown", "edge_offline", "unknown"]);
    let first = &cameras["items"][0];
    assert_eq!(first["place"], json!({ "lat": 20.5, "lon": 106.25 }));
    assert_eq!(
        (&first["fps_in"], &first["width_px"], &first["detector"]),
        (&json!(25.0), &json!(1920), &json!("onnx"))
    );
    assert_eq!(first["picture_url"], Value::Null);
    assert_eq!(cameras["items"][1]["error"], "no stream");
    assert_eq!(cameras["items"][1]["width_px"], Value::Null);
    let edges = browser.get("/api/v1/edges").await;
    let first = &edges["items"][0];
    assert_eq!(first["outbox_depth"], json!({ "events": 4 }));
    assert_eq!(
        (&first["disk_free_bytes"], &first["temperature_c"]),
        (&json!(5_000_000_000_i64), &json!(61.5))
    );
    assert_eq!(
        (&first["config_version"], &first["config_running"], &first["dead_letters"]),
        (&json!(2), &json!(1), &json!(3))
    );
    let pictures = ["dropped", "refused", "error"].map(|what| first[format!("pictures_{what}")].clone());
    assert_eq!(pictures, [json!(2), json!(1), json!("no way")]);
    assert_eq!(edges["items"][2]["last_seen"], Value::Null);
    assert_eq!(edges["items"][2]["pictures_dropped"], Value::Null, "nothing is known of it");
}

#[tokio::test]
async fn events_and_observations_page_by_cursor_and_filter_by_time_place_and_kind() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    run(&center, &[
        // Ten at each of three moments: the cursor must tell rows of the same moment apart.
        "insert into events (time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, confidence, snapshot, data)
         select date_trunc('second', now()) - (n % 3) * interval '1 second', '00000000-0000-4000-8000-000000000001', n, now(),
           gen_random_uuid(), 'e-' || (n % 2), 'north', 'intrusion', 'start', 'r', 0.5, 'sha256:' || repeat('a', 64),
           '{\"picture\": {\"x\": 0.5, \"y\": 0.25}, \"why\": {\"facts\": [{\"measure\": \"dwell\", \"value\": 0.6, \"threshold\": 0.5}], \"note\": \"vì sao\"}, \"config\": 7}'
         from generate_series(1, 30) n",
        "insert into observations (time, outbox, sequence, received_at, edge, camera, quantity, zone, window_from, window_to,
           value, unit, coverage_s, config, to_zone, statistic, samples, plus_minus)
         select now() - n * interval '1 minute', '00000000-0000-4000-8000-000000000001', n, now(), 'e-1', 'north', 'count',
           'z-' || (n % 2), now() - (n + 1) * interval '1 minute', now() - n * interval '1 minute', n, '1', 60, 7,
           'z-9', 'p85', n, 0.5
         from generate_series(1, 30) n",
    ])
    .await;
    let events = all(&browser, "/api/v1/events?kind=intrusion").await;
    let sequences: HashSet<_> = events.iter().map(|e| e["sequence"].as_i64().unwrap()).collect();
    assert_eq!((events.len(), sequences.len()), (30, 30));
    let times: Vec<_> = events.iter().map(|e| e["time"].as_str().unwrap().to_owned()).collect();
    assert!(times.windows(2).all(|pair| pair[0] >= pair[1]), "the newest first: {times:?}");
    assert_eq!(events[0]["picture"], json!({ "x": 0.5, "y": 0.25 }));
    assert_eq!((&events[0]["why"]["note"], &events[0]["config"]), (&json!("vì sao"), &json!(7)));
    let fact = json!({ "measure": "dwell", "value": 0.6, "threshold": 0.5, "unit": "s", "plus_minus": null });
    assert_eq!(events[0]["why"]["facts"], json!([fact]));
    assert!(events[0]["snapshot_url"].as_str().unwrap().starts_with("/api/v1/evidence/sha256:aaa"));
    assert_eq!(all(&browser, "/api/v1/events?edge=e-1").await.len(), 15);
    assert_eq!(all(&browser, "/api/v1/events?kind=crowd").await.len(), 0);
    assert_eq!(all(&browser, &format!("/api/v1/events?from={}", times[0])).await.len(), 10);
    assert_eq!(all(&browser, &format!("/api/v1/events?to={}", times[0])).await.len(), 20);

    let seen = all(&browser, "/api/v1/observations?quantity=count&camera=north").await;
    let sequences: Vec<_> = seen.iter().map(|o| o["sequence"].as_i64().unwrap()).collect();
    assert_eq!(sequences, (1..=30).collect::<Vec<_>>());
    assert_eq!((&seen[0]["unit"], &seen[0]["value"]), (&json!("1"), &json!(1.0)));
    let more = ["to_zone", "statistic", "samples", "plus_minus"].map(|key| seen[1][key].clone());
    assert_eq!(more, [json!("z-9"), json!("p85"), json!(2), json!(0.5)]);
    assert_eq!(all(&browser, "/api/v1/observations?zone=z-1").await.len(), 15);
}

#[tokio::test]
async fn tracks_page_by_cursor_and_are_found_by_the_time_that_they_were_there() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    run(&center, &[
        // Each is there for the 5 minutes before its time.
        "insert into tracks (time, outbox, sequence, received_at, track_from, track, config, confidence, frame_width_px,
           frame_height_px, goes_on, edge, camera, class, model, points, unseen)
         select '2026-11-22T08:00:00Z'::timestamptz - n * interval '1 minute', '00000000-0000-4000-8000-000000000001', n, now(),
           '2026-11-22T07:55:00Z'::timestamptz - n * interval '1 minute', n / 2, 7, 0.75, 640, 360, n % 2 = 0, 'e-1',
           case n % 2 when 0 then 'north' else 'south' end, 'car', 'motion',
           '{0,5000,6000,400,1000,15000,2500,-10,0,5,15000,0,10,0,-5}', case n when 1 then '{2}'::smallint[] end
         from generate_series(1, 30) n",
    ])
    .await;
    let tracks = all(&browser, "/api/v1/tracks?edge=e-1").await;
    let sequences: Vec<_> = tracks.iter().map(|track| track["sequence"].as_i64().unwrap()).collect();
    assert_eq!(sequences, (1..=30).collect::<Vec<_>>());
    let point = |after_s: f64, x: f64, y: f64, height: f64, unseen: bool| json!({ "after_s": after_s, "x": x, "y": y, "width": 0.04, "height": height, "unseen": unseen });
    let points = json!([
        point(0.0, 0.5, 0.6, 0.1, false),
        point(150.0, 0.75, 0.599, 0.1005, false),
        point(300.0, 0.75, 0.6, 0.1, true)
    ]);
    assert_eq!(tracks[0]["points"], points);
    assert_eq!((&tracks[0]["from"], &tracks[0]["goes_on"]), (&json!("2026-11-22T07:54:00Z"), &json!(false)));
    assert_eq!(tracks[1]["points"][2]["unseen"], false);
    let found = async |query: &str| all(&browser, &format!("/api/v1/tracks?edge=e-1&{query}")).await.len();
    assert_eq!(found("camera=north").await, 15);
    assert_eq!((found("class=car").await, found("class=bus").await), (30, 0));
    assert_eq!(found("track=7").await, 2);
    // At 07:50:30, those were there that ended at 07:51 to 07:55 and had begun.
    assert_eq!(found("from=2026-11-22T07:50:30Z&to=2026-11-22T07:50:30Z").await, 5);
    assert_eq!(found("to=2026-11-22T07:50:00Z").await, 25);
    assert_eq!(found("from=2026-11-22T07:50:00Z").await, 10);

    // Of all edges it is one day.
    let day = all(&browser, "/api/v1/tracks?to=2026-11-23T07:50:00Z&camera=north").await;
    assert_eq!(day.len(), 5, "those that ended at 07:50 or later");
    let all_day = all(&browser, "/api/v1/tracks?from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z").await;
    assert_eq!(all_day.len(), 30);
    for more in ["from=2026-11-21T23:00:00Z&to=2026-11-23T00:00:00Z", "from=2024-01-01T00:00:00Z"] {
        let refused = browser.request(Method::GET, &format!("/api/v1/tracks?{more}")).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{more}");
        let problem: Value = refused.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains("name an edge"), "{problem}");
    }
}

#[tokio::test]
async fn the_ledger_names_each_gap_and_each_loss_and_dead_letters_keep_their_reason() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    run(&center, &[
        "insert into ledger (edge, outbox, lane, settled, upto, highest, received, lost, updated_at) values
         ('e-1', '00000000-0000-4000-8000-000000000001', 'events', '{[1,4),[6,9),[11,21)}', 3, 22, 15, 2, now()),
         ('e-1', '00000000-0000-4000-8000-000000000001', 'health', '{}', 0, 0, 0, 0, now())",
        "insert into losses (outbox, lane, sequence, edge, first_lost, last_lost, count, reason, declared_at, received_at) values
         ('00000000-0000-4000-8000-000000000001', 'events', 20, 'e-1', 12, 13, 2, 'outbox_full', now(), now())",
        "insert into dead_letters (received_at, edge, topic, sequence, reason, raw)
         select now(), 'e-1', 'ngatu/v1/e-1/events', n, 'not JSON', '\\xff7b'::bytea from generate_series(1, 20) n",
    ])
    .await;
    let ledger = browser.get("/api/v1/ledger").await;
    let events = &ledger["items"][0];
    assert_eq!(events["pending"], json!([[4, 5], [9, 10], [21, 22]]));
    assert_eq!(events["pending_count"], 6);
    assert_eq!(events["losses"][0]["reason"], "outbox_full");
    assert_eq!((&events["losses"][0]["from"], &events["losses"][0]["to"]), (&json!(12), &json!(13)));
    assert_eq!(ledger["items"][1]["pending"], json!([]));
    assert_eq!(ledger["shed"], json!([]));
    center.shed.count(b"ngatu/v1/e-1/observations");
    center.shed.count(b"ngatu/v1/e-1/observations");
    let shed = &browser.get("/api/v1/ledger").await["shed"];
    assert_eq!(*shed, json!([{ "edge": "e-1", "lane": "observations", "payloads": 2 }]));
    assert_eq!(ledger["unknown"], json!([]));
    center.shed.count_unknown("e-1", 2);
    center.shed.count_unknown("e-1", 1);
    let unknown = &browser.get("/api/v1/ledger").await["unknown"];
    assert_eq!(*unknown, json!([{ "edge": "e-1", "words": 3 }]));
    let letters = all(&browser, "/api/v1/dead-letters?").await;
    assert_eq!(letters.len(), 20);
    assert_eq!((&letters[0]["sequence"], &letters[0]["reason"]), (&json!(20), &json!("not JSON")));
    assert_eq!(letters[0]["raw"], "\u{FFFD}{");
}
