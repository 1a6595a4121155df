//! What happens on the line, told one by one.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_arrives_and_leaves_the_outbox_after_its_acknowledgement() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    push(&outbox, vec![event(), health(), event()]).await;
    let uplink = start_uplink(&outbox, &broker, SECRET);
    until_empty(&outbox).await;
    push(&outbox, vec![event()]).await;
    until_empty(&outbox).await;
    assert_eq!(until_status(&uplink, "acks", |s| s.connected).await.acknowledged[&Lane::Events], 3);
    uplink.stop().await;
    center.until("the farewell", |s| s.states.last().is_some_and(|s| !s.online)).await;
    let first = center.seen.lock().unwrap().states[0].clone();
    assert_eq!((first.online, first.outbox, first.boot), (true, outbox.id(), 1));
    assert_eq!((first.oldest[&Lane::Events], first.oldest[&Lane::Observations]), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_took_but_no_center_acknowledged_stays() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    center.silent.store(true, Ordering::Relaxed);
    let uplink = start_uplink(&outbox, &broker, SECRET);
    push(&outbox, vec![event(), event()]).await;
    center.until("both events", |s| s.count(Lane::Events) == 2).await;
    assert_eq!(outbox.depth()[&Lane::Events], 2);
    uplink.stop().await;
    center.silent.store(false, Ordering::Relaxed);
    let _again = start_uplink(&outbox, &broker, SECRET);
    until_empty(&outbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_sixty_thousand_messages_does_not_freeze() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    let uplink = start_uplink(&outbox, &broker, SECRET);
    for _ in 0..60 {
        push(&outbox, (0..1000).map(|_| event()).collect()).await;
    }
    let (start, backlog) = (clock::instant(), outbox.depth()[&Lane::Events]);
    until_empty(&outbox).await;
    println!(
        "drained {backlog} in {:?}: {:.0}/s",
        start.elapsed(),
        backlog as f64 / start.elapsed().as_secs_f64()
    );
    uplink.stop().await;
    let (start, backlog) = (clock::instant(), 60_000.0);
    for _ in 0..120 {
        push(&outbox, (0..500).map(|_| event()).collect()).await;
    }
    println!("pushed at {:.0}/s", backlog / start.elapsed().as_secs_f64());
    let start = clock::instant();
    let _again = start_uplink(&outbox, &broker, SECRET);
    until_empty(&outbox).await;
    println!("drained 60000 from connecting on: {:.0}/s", backlog / start.elapsed().as_secs_f64());
    assert_eq!(center.seen.lock().unwrap().count(Lane::Events), 120_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_again_and_again_costs_nothing() {
    let (dir, mut broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    let uplink = start_uplink(&outbox, &broker, SECRET);
    for round in 1..=4 {
        for _ in 0..50 {
            push(&outbox, (0..10).map(|_| event()).collect()).await;
        }
        broker.restart();
        until_status(&uplink, "a new connection", |s| s.connected && s.connections > round).await;
    }
    until_empty(&outbox).await;
    let seen = center.seen.lock().unwrap();
    assert_eq!((seen.count(Lane::Events), seen.disordered), (2000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_event_overtakes_a_long_backlog_of_observations() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    for _ in 0..120 {
        push(&outbox, (0..500).map(|_| observation()).collect()).await;
    }
    let _uplink = start_uplink(&outbox, &broker, SECRET);
    center.until("the drain has begun", |s| s.count(Lane::Observations) > 0).await;
    push(&outbox, vec![event()]).await;
    let start = clock::instant();
    center.until("the event", |s| s.count(Lane::Events) == 1).await;
    let (lag, left) = (start.elapsed(), outbox.depth()[&Lane::Observations]);
    println!("an event took {lag:?} with {left} observations waiting");
    assert!(left > 0, "it came behind all of them, after {lag:?}");
    until_empty(&outbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_a_clear_error_and_loses_nothing() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let outbox = open(dir.path());
    push(&outbox, vec![event()]).await;
    let uplink = start_uplink(&outbox, &broker, "wrong");
    let status = until_status(&uplink, "the refusal", |s| s.last_error.is_some()).await;
    let error = status.last_error.unwrap();
    assert!(error.contains("name and secret"), "{error}");
    uplink.stop().await;
    assert_eq!(outbox.depth()[&Lane::Events], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_that_the_broker_does_not_allow_is_counted_and_stays() {
    let only_events = "topic read ngatu/v1/nga-tu-1/#\ntopic write ngatu/v1/nga-tu-1/state\n\
                       topic write ngatu/v1/nga-tu-1/events";
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(only_events));
    let (_center, outbox) = (Center::start(&broker), open(dir.path()));
    push(&outbox, vec![event(), health()]).await;
    let uplink = start_uplink(&outbox, &broker, SECRET);
    let status = until_status(&uplink, "the refusal", |s| s.refused > 0).await;
    assert!(status.last_error.unwrap().contains("NotAuthorized"));
    let start = clock::instant();
    while outbox.depth()[&Lane::Events] > 0 {
        assert!(start.elapsed().as_secs() < 120);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(outbox.depth()[&Lane::Health], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_will_of_a_session_that_was_taken_over_carries_the_older_boot() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    let uplink = start_uplink(&outbox, &broker, SECRET);
    center.until("the birth", |s| s.states.iter().any(|s| s.online && s.boot == 1)).await;
    let address = Address::parse(&broker.url()).unwrap();
    let mut intruder =
        Mqtt::connect(&address, ("nga-tu-1", SECRET), None, ("ngatu/v1/nga-tu-1/x".into(), String::new()));
    assert_eq!(intruder.event().await, Event::Connected);
    center.until("the will", |s| s.states.iter().any(|s| !s.online && s.boot == 1)).await;
    center.until("the new birth", |s| s.states.iter().any(|s| s.online && s.boot >= 2)).await;
    push(&outbox, vec![event()]).await;
    until_empty(&outbox).await;
    drop(uplink);
    center.until("the last will", |s| s.states.last().is_some_and(|s| !s.online && s.boot >= 2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_arrives_and_a_broken_one_is_answered_with_the_reason() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    let uplink = start_uplink(&outbox, &broker, SECRET);
    center.until("the birth", |s| s.states.len() == 1).await;
    let mut configs = uplink.configs();
    let tell = async |config: &str| {
        center.seen.lock().unwrap().config = Some(config.into());
        push(&outbox, vec![event()]).await; // wakes the center
    };
    tell(r#"{"version":7,"cameras":[]}"#).await;
    configs.wait_for(|c| c.as_ref().is_some_and(|c| c.version == 7)).await.unwrap();
    uplink.report_config(7, None);
    center.until("the version that runs", |s| s.states.last().is_some_and(|s| s.config == 7)).await;
    tell("{").await;
    center.until("the reason", |s| s.states.last().is_some_and(|s| s.config_error.is_some())).await;
    assert_eq!(until_status(&uplink, "the count", |s| s.bad_configs == 1).await.strange_acks, 0);
    assert_eq!(configs.borrow().as_ref().unwrap().version, 7);
}
