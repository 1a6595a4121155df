-- What people do with an alert besides acknowledging it. The name of a person is kept as it was when they did it.
alter table alerts
    add column owner         jsonb,                      -- {id, name}: who works on it
    add column claimed_at    timestamptz,
    add column shelved       jsonb,                      -- {until, reason, by, at}
    add column shelved_until timestamptz,                -- the same, for the job that brings it back
    add column verdict       jsonb,                      -- {verdict, reason, note, by, at}
    add column forwarded_to  jsonb,                      -- {user, unit, message, by, at}
    -- What the list's text filter looks in: none of it changes while an alert lasts. `edge/camera` is one word, so that
    -- a camera found by its name is found by its key.
    add column search        tsvector generated always as (
        to_tsvector('simple', translate(kind || ' ' || edge || ' ' || coalesce(camera, '') || ' ' || rule || ' ' ||
            coalesce(zone, ''), '_-/.', '    '))
        || array_to_tsvector(array[edge || '/' || coalesce(camera, '-')])) stored;

-- Of the list: each filter has an index that ends in the list's order.
drop index alerts_unacknowledged;
create index alerts_open on alerts (severity) where acknowledged_at is null and shelved_until is null;
create index alerts_open_by_raised on alerts (raised_at desc, id desc)
    where acknowledged_at is null and shelved_until is null;
create index alerts_by_severity on alerts (severity, raised_at desc, id desc);
create index alerts_by_kind on alerts (kind, raised_at desc, id desc);
create index alerts_by_owner on alerts ((owner ->> 'id'), raised_at desc, id desc) where owner is not null;
create index alerts_by_verdict on alerts ((verdict ->> 'verdict'), raised_at desc, id desc) where verdict is not null;
create index alerts_shelved on alerts (shelved_until) where shelved_until is not null;
create index alerts_by_words on alerts using gin (search);

-- Why a change was made, as far as the alert itself does not say it.
alter table alert_log add column detail jsonb not null default '{}';
create index alert_log_by_alert on alert_log (alert, seq);
create index alert_log_by_time on alert_log (at);
