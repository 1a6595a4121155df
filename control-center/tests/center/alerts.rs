//! What people do with alerts, over a restart of everything.

use crate::support::{Center, array, until};
use chrono::TimeDelta;
use control_center::access::AreaScope;
use control_center::alerts::step::{Hand, Step};
use control_center::alerts::{Person, store};
use control_center::clock;
use ngatu_protocol::Lane;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_shelved_alert_comes_back_on_time_though_the_whole_center_was_started_anew_meanwhile() {
    let center = Center::start().await;
    let edge = center.edge("shelf").await;
    edge.send(Lane::Events, array([edge.event(1)])).await;
    edge.until_acked(Lane::Events, 1).await;
    let open: Vec<Uuid> = center.values("select id from alerts where active order by raised_at, id").await;
    let person = Person { id: Uuid::now_v7(), name: "Lan".into() };
    let hand = Hand { person, leads: false, areas: AreaScope::whole_city() };
    let now = clock::now();
    let soon = now + TimeDelta::seconds(2);
    let shelve = async |id: Uuid, until| {
        let step = Step::Shelve(until, "sửa đường".into());
        store::take(center.app.pool(), id, (&step, &hand), now).await.unwrap();
    };
    shelve(open[0], soon).await;
    let center = center.again().await;
    let back = async || center.count("alert_log where change = 'unshelved' and actor is null").await;
    until("return of the shelved alert", |n| *n == 1, back).await;
    let late: f64 = center
        .value(
            "select extract(epoch from l.at - (l.detail ->> 'until')::timestamptz)::float8 from alert_log l \
             where l.change = 'unshelved'",
        )
        .await;
    assert!(late >= 0.0, "{late} s after its time");
    assert_eq!(center.count("alerts where shelved is not null or shelved_until is not null").await, 0);
    // One that is not due stays where it is, over a restart as well.
    let again = Step::Shelve(clock::now() + TimeDelta::hours(1), "đợi".into());
    store::take(center.app.pool(), open[0], (&again, &hand), clock::now()).await.unwrap();
    let center = center.again().await;
    assert_eq!(center.count("alerts where shelved_until > now()").await, 1);
    assert_eq!(center.count("alert_log where change = 'unshelved'").await, 1);
    center.app.stop().await;
}
