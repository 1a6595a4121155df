//! The audit rows: who may read them, that nobody can change them, and that a change is found all the same.

use crate::harness::Center;
use control_center::access::audit::{self, Act};
use control_center::access::chain::{self, Broken, VerifyError};
use control_center::access::users::Role;
use control_center::clock;
use serde_json::json;
use sqlx::PgPool;

async fn write(pool: &PgPool, rows: usize) {
    for n in 0..rows {
        let detail = json!({ "n": n, "chữ": "\u{1F3CD} \"quoted\"", "nested": { "b": 1.50, "a": null } });
        let actor = (n % 2 == 0).then(uuid::Uuid::now_v7);
        let act = Act { actor, action: "test.act", subject: "ngã tư", detail };
        audit::record(pool, act, clock::now()).await.unwrap();
    }
}

async fn broken(pool: &PgPool) -> Option<Broken> {
    match chain::verify(pool, &[]).await {
        Ok(_) => None,
        Err(VerifyError::Broken(broken)) => Some(broken),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn rows_written_at_once_by_many_are_one_unbroken_chain() {
    let center = Center::start().await;
    futures_util::future::join_all((0..8).map(|_| write(&center.pool, 10))).await;
    let end = chain::verify(&center.pool, &[]).await.unwrap();
    assert_eq!(end.id, 80);
    assert_eq!(chain::head(&center.pool).await.unwrap(), end);
}

#[tokio::test]
async fn nobody_changes_deletes_or_empties_audit_rows() {
    let center = Center::start().await;
    write(&center.pool, 3).await;
    for statement in [
        "update audit set subject = 'x' where id = 2",
        "delete from audit where id = 3",
        "truncate audit",
        "insert into audit (at, action, subject, hash) values (now(), 'x', 'y', '\\x00'); update audit set hash = ''",
    ] {
        let refused = sqlx::raw_sql(statement).execute(&center.pool).await.unwrap_err().to_string();
        assert!(refused.contains("written once"), "{statement}: {refused}");
    }
    assert_eq!(chain::verify(&center.pool, &[]).await.unwrap().id, 3);
}

#[tokio::test]
async fn whatever_somebody_with_all_rights_does_to_the_rows_is_found_at_the_first_bad_one() {
    let table = [
        ("update audit set subject = 'x' where id = 4", Broken::Changed(4)),
        ("update audit set at = at + interval '1 microsecond' where id = 1", Broken::Changed(1)),
        ("update audit set detail = detail || '{\"n\": 9}' where id = 7", Broken::Changed(7)),
        ("update audit set actor = gen_random_uuid() where id = 2", Broken::Changed(2)),
        ("delete from audit where id = 5", Broken::Missing(5)),
        ("delete from audit where id >= 7", Broken::Missing(7)),
        ("delete from audit", Broken::Missing(1)),
        (
            "update audit set id = -3 where id = 3; update audit set id = 3 where id = 4; update audit set id = 4 where id = -3",
            Broken::Order(3),
        ),
        (
            "update audit a set subject = 'x', hash = sha256(prev || audit_content(id, at, actor, action, 'x', detail))
             where id = 6",
            Broken::Order(7),
        ),
        ("update audit_head set id = 6", Broken::Behind(7)),
    ];
    let center = Center::start().await;
    write(&center.pool, 8).await;
    for (tampering, wanted) in table {
        let mut owner = center.pool.begin().await.unwrap();
        let script = format!(
            "create table kept as table audit; create table kept_head as table audit_head;
             set local session_replication_role = replica; {tampering}"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&mut *owner).await.unwrap();
        owner.commit().await.unwrap();
        assert_eq!(broken(&center.pool).await, Some(wanted), "{tampering}");
        sqlx::raw_sql(
            "begin; set local session_replication_role = replica;
             delete from audit; insert into audit select * from kept;
             delete from audit_head; insert into audit_head select * from kept_head;
             drop table kept, kept_head; commit",
        )
        .execute(&center.pool)
        .await
        .unwrap();
        assert_eq!(broken(&center.pool).await, None);
    }
}

#[tokio::test]
async fn a_chain_that_was_cut_together_with_its_head_is_found_by_what_was_noted_outside() {
    let center = Center::start().await;
    let dir = tempfile::tempdir().unwrap();
    chain::note(&center.pool, dir.path()).await.unwrap();
    assert_eq!(chain::noted(dir.path()).unwrap(), []);
    write(&center.pool, 5).await;
    chain::note(&center.pool, dir.path()).await.unwrap();
    chain::note(&center.pool, dir.path()).await.unwrap();
    let noted = chain::noted(dir.path()).unwrap();
    assert_eq!(noted.len(), 1);
    sqlx::raw_sql(
        "begin; set local session_replication_role = replica; delete from audit where id > 3;
         update audit_head set (id, hash) = (select id, hash from audit where id = 3); commit",
    )
    .execute(&center.pool)
    .await
    .unwrap();
    assert_eq!(broken(&center.pool).await, None, "in itself it is whole");
    let error = chain::verify(&center.pool, &noted).await.unwrap_err();
    assert_eq!(error.to_string(), "audit row 4 is missing");
}

#[tokio::test]
async fn leaders_read_the_rows_page_by_page_and_those_of_an_area_read_their_peoples() {
    let center = Center::start().await;
    crate::areas::import(&center).await;
    let chief = center.person("chief", Role::Supervisor).await;
    let north = center.person_of("north", Role::Supervisor, &["north"]).await;
    center.person_of("south", Role::Operator, &["south"]).await;
    write(&center.pool, 7).await;
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = chief.get(&format!("/api/v1/audit?limit=3{cursor}")).await;
        ids.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let end = chain::head(&center.pool).await.unwrap();
    assert_eq!(ids, (1..=end.id).rev().collect::<Vec<_>>());
    let newest = &chief.get("/api/v1/audit?limit=1").await["items"][0];
    assert_eq!(newest["hash"], end.hash.to_string());
    assert_eq!(chief.get("/api/v1/audit?action=test.act").await["items"].as_array().unwrap().len(), 7);
    let seen = north.get("/api/v1/audit").await;
    let names: Vec<_> = seen["items"].as_array().unwrap().iter().map(|row| &row["actor"]["name"]).collect();
    assert_eq!(names, ["Người north"]);
    let odd = chief.request(reqwest::Method::GET, "/api/v1/audit?subject=%00").send().await.unwrap();
    assert_eq!(odd.status(), 400);
}

#[tokio::test]
async fn leaders_see_whether_the_chain_is_whole_and_which_row_is_bad_first() {
    let center = Center::start().await;
    let chief = center.person("chief", Role::Supervisor).await;
    write(&center.pool, 7).await;
    let check = chief.get("/api/v1/audit/verification").await;
    let end = chain::head(&center.pool).await.unwrap();
    assert_eq!((&check["whole"], &check["rows"]), (&serde_json::json!(true), &serde_json::json!(end.id)));
    let forge = format!(
        "begin; set local session_replication_role = replica; update audit set subject = 'x' where id = {}; commit",
        end.id - 2
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(forge)).execute(&center.pool).await.unwrap();
    let check = chief.get("/api/v1/audit/verification").await;
    assert_eq!(
        (&check["whole"], &check["first_bad"]),
        (&serde_json::json!(false), &serde_json::json!(end.id - 2))
    );
    assert_eq!(check["problem"], format!("audit row {} was changed", end.id - 2));
}
