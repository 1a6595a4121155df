//! The private servers: killed, left behind, stopped; and the city that is pushed through them.

use crate::support::{Center, Edge, array, config, until};
use control_center::app::App;
use control_center::city::{self, CityFile};
use control_center::clock;
use ngatu_protocol::{EdgeConfig, Lane};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const CITY: &str = r#"
    [[edge]]
    id = "pushed"
    name = "Ngã tư"
    [[edge.camera]]
    id = "north"
    name = "Hướng bắc"
    url = "rtsp://127.0.0.1/north"
    place = { lat = 20.4, lon = 106.3 }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_is_started_again_on_the_same_port_and_the_edges_go_on() {
    let center = Center::start().await;
    let edge = center.edge("kept").await;
    for round in 1..=3 {
        let (_, broker) = center.app.server_pids();
        kill(Pid::from_raw(broker.unwrap()), Signal::SIGKILL).unwrap();
        until(
            "another broker",
            |pid: &Option<i32>| pid.is_some() && *pid != broker,
            async || center.app.server_pids().1,
        )
        .await;
        until(
            "acknowledgement",
            |upto| *upto == round,
            async || {
                // What is on its way when a broker dies is lost: an outbox sends it again, and so does this test.
                let _ = edge.client.try_publish(
                    "ngatu/v1/kept/events",
                    rumqttc::v5::mqttbytes::QoS::AtLeastOnce,
                    false,
                    array([edge.event(round)]),
                );
                edge.acked(Lane::Events)
            },
        )
        .await;
    }
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_center_leaves_no_server_behind_and_the_next_one_has_its_data() {
    let center = Center::start().await;
    let secret = center.enroll("again").await;
    let edge = Edge::connect(center.mqtt(), "again", &secret).await;
    edge.send(Lane::Events, array([edge.event(1)])).await;
    edge.until_acked(Lane::Events, 1).await;
    let (postgres, broker) = center.app.server_pids();
    let port = center.mqtt();
    let center = center.again().await;
    for pid in [postgres, broker] {
        assert!(kill(Pid::from_raw(pid.unwrap()), None).is_err(), "{pid:?} still runs");
    }
    assert_eq!(center.mqtt(), port, "edges have the port in their configuration");
    assert_eq!(center.count("events").await, 1);
    edge.send(Lane::Events, array([edge.event(2)])).await;
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_center_does_not_start_on_the_same_folder() {
    let center = Center::start().await;
    let error = App::start(config(center.dir.path())).await.err().map(|error| error.to_string());
    assert!(error.as_ref().is_some_and(|text| text.contains("another control-center")), "{error:?}");
    assert_eq!(center.count("events").await, 0, "the first one goes on");
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_city_reaches_its_edge_and_a_changed_one_too() {
    let center = Center::start().await;
    let edge = center.edge("pushed").await;
    let city = CityFile::parse(CITY).unwrap();
    let done = city::import(center.app.pool(), &city, clock::now()).await.unwrap();
    assert_eq!((done.edges, done.cameras, done.changed), (1, 1, 1));
    let newest = async || -> Option<EdgeConfig> {
        edge.heard.lock().unwrap().configs.last().map(|text| serde_json::from_str(text).unwrap())
    };
    let config = until("configuration", Option::is_some, &newest).await.unwrap();
    assert_eq!((config.version, &config.cameras), (1, &city.edges[0].cameras));
    let same = city::import(center.app.pool(), &city, clock::now()).await.unwrap();
    assert_eq!(same.changed, 0, "the same city again is no change");
    let changed = CityFile::parse(&CITY.replace("bắc", "nam")).unwrap();
    city::import(center.app.pool(), &changed, clock::now()).await.unwrap();
    until("second version", |config| config.as_ref().is_some_and(|config| config.version == 2), &newest)
        .await;
    let exported = city::export(center.app.pool()).await.unwrap();
    assert_eq!(exported.edges[0].cameras, changed.edges[0].cameras);
    // One who connects later gets what the broker kept, also from a broker that was started anew.
    let (_, broker) = center.app.server_pids();
    kill(Pid::from_raw(broker.unwrap()), Signal::SIGKILL).unwrap();
    let secret = center.enroll("pushed").await;
    let later = Edge::connect(center.mqtt(), "pushed", &secret).await;
    until("retained configuration", |n| *n > 0, async || later.heard.lock().unwrap().configs.len()).await;
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_partitions_for_a_week_ahead_and_none_is_made_twice() {
    let today = || clock::now().date_naive();
    let begin = today();
    let center = Center::start().await;
    // TimescaleDB makes its chunks by itself, where it is installed.
    if center.count("pg_extension where extname = 'timescaledb'").await == 1 {
        let taken = center.count("timescaledb_information.hypertables").await;
        assert_eq!(taken, 4);
        center.app.stop().await;
        return;
    }
    let partitions = async || {
        center.value::<i64>("select count(*) from pg_inherits where inhparent = 'events'::regclass").await
    };
    let before = partitions().await;
    assert!(before >= 9, "{before}");
    center.app.database().migrate().await.unwrap();
    // At midnight one more day comes into view.
    let days = (today() - begin).num_days();
    assert!((before..=before + days).contains(&partitions().await), "{before}");
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_centers_own_connection_may_add_audit_rows_and_change_none() {
    let center = Center::start().await;
    let pool = center.app.pool();
    let edge = center.edge("watched").await;
    edge.send(Lane::Events, array([edge.event(1)])).await;
    edge.until_acked(Lane::Events, 1).await;
    sqlx::query("insert into audit (at, action, subject, detail) values (now(), 'test', 'x', '{}')")
        .execute(pool)
        .await
        .unwrap();
    let refused = async |statement: String| {
        let error = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone())).execute(pool).await;
        let error = error.err().unwrap_or_else(|| panic!("{statement} was done"));
        let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
        assert!(
            error.to_string().contains("permission denied") || error.to_string().contains("must be owner"),
            "{statement}: {error}"
        );
    };
    for table in ["audit", "alert_log", "incident_log"] {
        // Who has no right to give gives none; PostgreSQL only warns.
        let grant = format!("grant all on {table} to ngatu_service");
        let _ = sqlx::raw_sql(sqlx::AssertSqlSafe(grant)).execute(pool).await;
        refused(format!("update {table} set at = now()")).await;
        refused(format!("delete from {table}")).await;
        refused(format!("truncate {table}")).await;
        refused(format!("alter table {table} disable trigger all")).await;
        refused(format!("drop table {table}")).await;
    }
    for statement in [
        "update audit_head set id = 0",
        "delete from audit_head",
        "insert into audit_head values (false, 1, '')",
        "update _sqlx_migrations set version = 0",
        "create table public.audit2 (id bigint)",
        "set role ngatu",
    ] {
        refused(statement.to_owned()).await;
    }
    assert!(control_center::access::chain::verify(pool, &[]).await.unwrap().id > 0);
    assert!(center.app.parts().borrow()["audit"].ready);
    assert!(!center.app.parts().borrow()["audit"].weak);
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_ones_own_is_told_when_its_role_could_change_audit_rows_and_refused_on_demand() {
    let center = Center::start().await;
    let socket = center.app.database().owner().get_socket().unwrap().display().to_string();
    let host: String = url::form_urlencoded::byte_serialize(socket.as_bytes()).collect();
    let url = |role: &str| format!("postgres://{role}@localhost/ngatu?host={host}");
    let settings = |database: &str| {
        let dir = tempfile::tempdir().unwrap();
        let text =
            format!("data_dir = {:?}\n[mqtt]\nlisten = \"127.0.0.1:0\"\n[database]\n{database}", dir.path());
        let config =
            control_center::config::CenterConfig::parse(std::path::Path::new("center.toml"), &text).unwrap();
        (dir, config)
    };
    let open = async |database: String| {
        let (_dir, config) = settings(&database);
        let status = control_center::supervise::Status::default();
        let opened = control_center::app::Database::open(&config, &status).await;
        let part = status.watch().borrow().get("audit").cloned();
        if let Ok(database) = &opened {
            database.pool().close().await;
        }
        (opened.err().map(|error| error.to_string()), part)
    };
    let (error, part) = open(format!("url = {:?}", url("ngatu"))).await;
    assert_eq!((error, part.map(|part| (part.ready, part.weak))), (None, Some((true, true))));
    let (error, _) = open(format!("url = {:?}\nprotect_audit = true", url("ngatu"))).await;
    assert!(error.as_ref().is_some_and(|error| error.contains("protect_audit")), "{error:?}");
    let both =
        format!("url = {:?}\nowner_url = {:?}\nprotect_audit = true", url("ngatu_service"), url("ngatu"));
    let (error, part) = open(both).await;
    assert_eq!((error, part.map(|part| (part.ready, part.weak))), (None, Some((true, false))));
    center.app.stop().await;
}
