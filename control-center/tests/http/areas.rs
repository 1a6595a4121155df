//! Areas: what lies in another one is not listed, and its ids are answered like ids that do not exist.

use crate::harness::{Browser, Center, NewAlert, Socket, jpeg, next_json};
use control_center::access::AreaScope;
use control_center::access::users::Role;
use control_center::alerts::Severity;
use control_center::city::{self, CityFile};
use control_center::clock;
use control_center::evidence::Digest;
use reqwest::{Method, StatusCode};

/// One edge with a camera in each of two areas and one in none; each has an event, an observation and a track.
const CITY: &str = r#"
    [[area]]
    id = "north"
    name = "Bắc"
    [[area]]
    id = "south"
    name = "Nam"
    [[edge]]
    id = "e-1"
    name = "Một"
    [[edge.camera]]
    id = "a"
    name = "A"
    url = "file:///a"
    area = "north"
    [[edge.camera]]
    id = "b"
    name = "B"
    url = "file:///b"
    area = "south"
    [[edge.camera]]
    id = "c"
    name = "C"
    url = "file:///c"
    [[edge]]
    id = "e-2"
    name = "Hai"
"#;

pub(crate) async fn import(center: &Center) {
    let city = CityFile::parse(CITY).unwrap();
    city::import(&center.pool, &city, clock::now()).await.unwrap();
}

impl Center {
    pub(crate) async fn person_of(&self, name: &str, role: Role, areas: &[&str]) -> Browser<'_> {
        let areas = AreaScope::of(areas.iter().map(ToString::to_string).collect());
        self.add_user_of(name, role, areas).await;
        self.sign_in(name).await
    }
}

async fn fill(center: &Center) {
    for statement in [
        "insert into events (time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, confidence, data)
         select now(), '00000000-0000-4000-8000-000000000001', n, now(), gen_random_uuid(), 'e-1', (array['a','b','c',null])[n],
           'intrusion', 'start', 'r', 0.5, '{}' from generate_series(1, 4) n",
        "insert into observations (time, outbox, sequence, received_at, edge, camera, quantity, zone, window_from, window_to,
           value, unit, coverage_s, config)
         select now(), '00000000-0000-4000-8000-000000000001', n, now(), 'e-1', (array['a','b','c',null])[n], 'count', 'z',
           now(), now(), 1, '1', 60, 1 from generate_series(1, 4) n",
        "insert into tracks (time, outbox, sequence, received_at, track_from, track, config, confidence, frame_width_px,
           frame_height_px, goes_on, edge, camera, class, points)
         select now(), '00000000-0000-4000-8000-000000000001', n, now(), now(), n, 1, 0.5, 640, 360, false, 'e-1',
           (array['a','b','c',null])[n], 'car', '{0,5000,6000,400,1000}' from generate_series(1, 4) n",
        "insert into ledger (edge, outbox, lane, updated_at) values
         ('e-1', '00000000-0000-4000-8000-000000000001', 'events', now()),
         ('e-2', '00000000-0000-4000-8000-000000000002', 'events', now())",
        "insert into dead_letters (received_at, edge, topic, reason, raw) values (now(), 'e-1', 't', 'r', '')",
    ] {
        sqlx::query(statement).execute(&center.pool).await.unwrap();
    }
}

async fn names(browser: &Browser<'_>, path: &str, key: &str) -> Vec<String> {
    let list = browser.get(path).await;
    let name = |item: &serde_json::Value| item[key].as_str().unwrap_or("-").to_owned();
    let mut names: Vec<String> = list["items"].as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

/// A name, their areas, and the cameras and edges that they see.
type Case = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

#[tokio::test]
async fn lists_show_what_lies_in_ones_own_areas_and_what_has_no_area_only_to_the_whole_city() {
    let center = Center::start().await;
    import(&center).await;
    fill(&center).await;
    center.shed.count(b"ngatu/v1/e-2/events");
    center.shed.count_unknown("e-2", 1);
    let table: [Case; 5] = [
        ("all", &["*"], &["-", "a", "b", "c"], &["e-1", "e-2"]),
        ("north", &["north"], &["a"], &["e-1"]),
        ("both", &["north", "south"], &["a", "b"], &["e-1"]),
        ("else", &["elsewhere"], &[], &[]),
        ("none", &[], &[], &[]),
    ];
    for (name, areas, cameras, edges) in table {
        let browser = center.person_of(name, Role::Admin, areas).await;
        for path in ["/api/v1/events", "/api/v1/observations", "/api/v1/tracks"] {
            assert_eq!(names(&browser, path, "camera").await, cameras, "{path} of {name}");
        }
        let known: Vec<_> = cameras.iter().filter(|camera| **camera != "-").collect();
        assert_eq!(
            names(&browser, "/api/v1/cameras", "id").await.iter().collect::<Vec<_>>(),
            known,
            "{name}"
        );
        assert_eq!(names(&browser, "/api/v1/edges", "id").await, edges, "{name}");
        assert_eq!(names(&browser, "/api/v1/ledger", "edge").await, edges, "{name}");
        let whole = usize::from(areas.contains(&"*"));
        let ledger = browser.get("/api/v1/ledger").await;
        let [shed, unknown] = ["shed", "unknown"].map(|key| ledger[key].as_array().unwrap().len());
        assert_eq!(unknown, whole, "{name}");
        assert_eq!(
            (shed, names(&browser, "/api/v1/dead-letters", "edge").await.len()),
            (whole, whole),
            "{name}"
        );
        assert_eq!(browser.get("/api/v1/me").await["areas"], serde_json::json!(areas));
    }
}

#[tokio::test]
async fn pictures_of_another_area_are_answered_like_pictures_that_do_not_exist() {
    let center = Center::start().await;
    import(&center).await;
    let secret = center.add_edge_secret("e-1").await;
    let put = async |path: String| {
        let request = center.bare(Method::PUT, &path).basic_auth("e-1", Some(&secret));
        let sent = request.header("content-type", "image/jpeg").body(jpeg(1)).send().await.unwrap();
        assert!(sent.status().is_success(), "{path}: {}", sent.status());
    };
    put("/api/v1/cameras/e-1/b/picture?taken_at=2024-11-22T08:00:00Z".into()).await;
    put(format!("/api/v1/evidence/{}?camera=b", Digest::of(&jpeg(1)))).await;
    let north = center.person_of("north", Role::Admin, &["north"]).await;
    let south = center.person_of("south", Role::Viewer, &["south"]).await;
    let unknown = format!("/api/v1/evidence/sha256:{}", "0".repeat(64));
    for (known, unknown) in [
        ("/api/v1/cameras/e-1/b/picture".to_owned(), "/api/v1/cameras/e-1/x/picture".to_owned()),
        (format!("/api/v1/evidence/{}", Digest::of(&jpeg(1))), unknown),
    ] {
        let answer = async |browser: &Browser<'_>, path: &str| {
            let answer = browser.request(Method::GET, path).send().await.unwrap();
            (answer.status(), answer.text().await.unwrap())
        };
        assert_eq!(answer(&south, &known).await.0, StatusCode::OK, "{known}");
        let foreign = answer(&north, &known).await;
        assert_eq!(foreign.0, StatusCode::NOT_FOUND, "{known}");
        assert_eq!(foreign, answer(&north, &unknown).await, "{known}");
    }
    assert_eq!(center.audit_rows("evidence.look").await + center.audit_rows("picture.look").await, 2);
}

#[tokio::test]
async fn a_city_comes_out_with_the_areas_that_went_in_and_moving_a_camera_is_no_new_configuration() {
    let center = Center::start().await;
    import(&center).await;
    let city = city::export(&center.pool).await.unwrap();
    assert_eq!(city, CityFile::parse(CITY).unwrap());
    let moved = CityFile::parse(&CITY.replace("area = \"south\"", "area = \"north\"")).unwrap();
    let done = city::import(&center.pool, &moved, clock::now()).await.unwrap();
    assert_eq!(done.changed, 0);
    let north = center.person_of("north", Role::Viewer, &["north"]).await;
    assert_eq!(names(&north, "/api/v1/cameras", "id").await, ["a", "b"]);
}

#[tokio::test]
async fn a_websocket_hears_of_its_own_areas_and_that_the_rest_has_passed() {
    let center = Center::start().await;
    import(&center).await;
    let severity = Severity::High;
    let ids = center.raise(&[NewAlert { edge: "e-1", severity }, NewAlert { edge: "e-1", severity }]).await;
    let north = center.person_of("north", Role::Viewer, &["north"]).await;
    let chief = center.person_of("chief", Role::Viewer, &["*"]).await;
    // The first one lies in the north, the second one in no area.
    for statement in [
        "update alerts set area = 'north' where seq = 1",
        "update alert_log set alert_row = alert_row || '{\"area\": \"north\"}' where seq = 1",
    ] {
        sqlx::query(statement).execute(&center.pool).await.unwrap();
    }
    let shown = async |socket: &mut Socket| {
        let message = next_json(socket).await;
        let kind = message["type"].as_str().unwrap().to_owned();
        (kind, message["seq"].as_i64().unwrap(), message["alerts"].as_array().map(Vec::len))
    };
    let (mut ours, mut all) = (north.live(None).await, chief.live(None).await);
    assert_eq!(shown(&mut ours).await, ("snapshot".into(), 2, Some(1)));
    assert_eq!(shown(&mut all).await, ("snapshot".into(), 2, Some(2)));
    center.log_changes(ids[1], "repeated", 2).await;
    assert_eq!(shown(&mut ours).await, ("passed".into(), 4, None));
    assert_eq!(shown(&mut all).await, ("change".into(), 3, None));
    // Over a resume the same.
    let mut ours = north.live(Some(0)).await;
    assert_eq!(shown(&mut ours).await, ("change".into(), 1, None));
    assert_eq!(shown(&mut ours).await, ("passed".into(), 4, None));
    assert_eq!(shown(&mut ours).await, ("heartbeat".into(), 4, None));
}
