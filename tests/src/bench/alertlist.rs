//! A list of 100,000 alerts, filtered and paged over HTTP.

use crate::bench::{Bar, Figure, percentile};
use crate::clock;
use crate::stack::Center;

/// Alerts in the list.
const ALERTS: i64 = 100_000;
/// Times that each list is asked for.
const TIMES: usize = 40;
/// A page without a filter.
const PLAIN: &str = "limit=100";
/// What a page may take, milliseconds.
const WANTED_MS: f64 = 50.0;

/// The 95th percentile over every filter, beside a page without any.
///
/// # Errors
/// When the center answers an error.
pub async fn measure(center: &Center) -> anyhow::Result<Vec<Figure>> {
    let operator = center.operator().await?;
    let database = center.database().await?;
    fill(&database).await?;
    let page = operator.get("alerts?limit=100").await?;
    let cursor = page["next_cursor"].as_str().unwrap_or_default().to_owned();
    let cursor = format!("cursor={cursor}");
    // The unit tells which filter was the slowest.
    let filters = [
        ("ms, no filter", PLAIN),
        ("ms, second page", cursor.as_str()),
        ("ms, severity", "severity=critical"),
        ("ms, severity and state", "severity=high&state=open"),
        ("ms, kind", "kind=wrong_way"),
        ("ms, kind, severity and state", "kind=wrong_way&severity=low&state=open"),
        ("ms, open", "state=open"),
        ("ms, acknowledged", "state=acknowledged"),
        ("ms, shelved", "state=shelved"),
        ("ms, mine", "owner=me"),
        ("ms, nobody's", "owner=none&state=open"),
        ("ms, area", "area=bac"),
        ("ms, camera", "edge=edge-7&camera=camera-7"),
        ("ms, a day", "from=2026-01-02T00:00:00Z&to=2026-01-03T00:00:00Z"),
        ("ms, a frequent word", "text=lane"),
        ("ms, two words", "text=wrong%20camera-77"),
        ("ms, a word that nothing has", "text=nothing-has-this-word"),
        ("ms, word, kind, state and area", "text=camera&kind=loitering&state=open&area=nam"),
        ("ms, active", "active=true"),
    ];
    let (mut all, mut plain) = (Vec::new(), Vec::new());
    let mut worst = (0.0, "ms");
    for (unit, filter) in filters {
        let path = format!("alerts?{filter}");
        operator.get(&path).await?;
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let start = clock::instant();
            operator.get(&path).await?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        if filter == PLAIN {
            plain.clone_from(&times);
        }
        let p95 = percentile(&mut times, 0.95);
        if p95 > worst.0 {
            worst = (p95, unit);
        }
        all.extend(times);
    }
    let floor = percentile(&mut plain, 0.95);
    let bar = Bar::AtMost(WANTED_MS);
    Ok(vec![
        Figure { name: "alert-list-p95", value: percentile(&mut all, 0.95), unit: "ms", floor, bar },
        Figure { name: "alert-list-slowest-filter-p95", value: worst.0, unit: worst.1, floor, bar },
    ])
}

/// Alerts of half a year, as a city would have them: most are over, every tenth nobody has acknowledged.
async fn fill(database: &crate::stack::Database) -> anyhow::Result<()> {
    for sql in [
        "insert into edges (id, name, created_at) select 'edge-' || n, 'Edge ' || n, now() from generate_series(0, 199) n",
        "insert into cameras (edge, id, name, created_at) select 'edge-' || n, 'camera-' || n, 'Ngã tư ' || n, now() \
         from generate_series(0, 199) n",
    ] {
        sqlx::query(sql).execute(database.pool()).await?;
    }
    let kinds = "(array['intrusion', 'wrong_way', 'loitering', 'stopped_vehicle', 'speeding'])";
    let sql = format!(
        "insert into alerts (id, seq, key, kind, severity, edge, camera, rule, zone, active, first_at, last_at, \
           raised_at, count, acknowledged_at, area, shelved_until, shelved, owner) \
         select gen_random_uuid(), n, 'k' || n, {kinds}[1 + n % 5], \
           (array['critical', 'high', 'medium', 'medium', 'low', 'low', 'low', 'low', 'low', 'low'])[1 + n % 10], \
           'edge-' || n % 200, 'camera-' || n % 200, 'rule-' || n % 7, 'lane-' || n % 3, n % 500 = 0, t, t, t, 1, \
           case when n % 10 > 0 then t + interval '1 minute' end, (array['bac', 'nam'])[1 + n % 2], \
           case when n % 3000 = 0 then now() + interval '1 day' end, null, \
           case when n % 100 = 1 then jsonb_build_object('id', (select id from users limit 1), 'name', 'x') end \
         from generate_series(1, {ALERTS}) n, lateral (select timestamptz '2026-01-01' + n * interval '150 seconds' as t) t"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(database.pool()).await?;
    sqlx::query("vacuum analyze alerts").execute(database.pool()).await?;
    Ok(())
}
