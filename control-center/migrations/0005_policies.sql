-- Which events become alerts, as data. A version is never changed; exactly one is active. To go back, an older body is
-- activated as a new version.
create table policies (
    version      bigint primary key,
    body         jsonb       not null,
    author       jsonb,                                  -- {id, name}; null: came with the center or a city file
    at           timestamptz not null,
    note         text        not null,
    active       boolean     not null default false,
    activated_at timestamptz,
    activated_by jsonb
);
create unique index policies_active on policies (active) where active;
insert into policies (version, body, at, note, active, activated_at) values (1,
    '{"time_zone": "Asia/Ho_Chi_Minh", "shifts": ["06:00", "14:00", "22:00"], "rule": [], "inhibit": [], "maintenance": []}',
    now(), 'as delivered', true, now());

-- Matchers that mute for a window. Ended early: `ended_at` says when.
create table silences (
    id         uuid primary key,
    matcher    jsonb       not null,
    from_at    timestamptz not null,
    until_at   timestamptz not null,
    reason     text        not null,
    author     jsonb       not null,                     -- {id, name}
    at         timestamptz not null,
    ended_at   timestamptz,
    ended_by   jsonb,
    check (until_at > from_at)
);
create index silences_by_end on silences (until_at desc, id desc);

-- Grows with each change of what the policy judges by, so that whoever has it in memory sees that it is old.
create table policy_state (
    one        boolean primary key default true check (one),
    generation bigint not null
);
insert into policy_state values (true, 1);
create function policy_changed() returns trigger language plpgsql as
    $$ begin update policy_state set generation = generation + 1; return null; end $$;
create trigger policies_changed after insert or update on policies for each statement execute function policy_changed();
create trigger silences_changed after insert or update on silences for each statement execute function policy_changed();
create trigger cameras_moved after update of area, lat, lon on cameras for each statement execute function policy_changed();

-- Conditions that are held off: they become alerts when they are due, unless they end before.
create table alert_pending (
    id    uuid primary key,
    key   text        not null unique,
    edge  text        not null,
    due   timestamptz not null,
    state jsonb       not null
);
create index alert_pending_by_due on alert_pending (due);

-- Why the policy mutes an alert: {cause, by, reason, until}.
alter table alerts add column muted jsonb;
create index alerts_muted on alerts (id) where muted is not null and active;
drop index alerts_open, alerts_open_by_raised;
create index alerts_open on alerts (severity) where acknowledged_at is null and shelved_until is null and muted is null;
create index alerts_open_by_raised on alerts (raised_at desc, id desc)
    where acknowledged_at is null and shelved_until is null and muted is null;

-- Policies and rules that are tried on what is stored.
create table backtests (
    id         uuid primary key,
    at         timestamptz not null,
    author     jsonb       not null,                     -- {id, name}
    request    jsonb       not null,
    state      text        not null check (state in ('running', 'done', 'failed')),
    progress   double precision not null default 0,      -- 0..=1
    result     jsonb,
    error      text,
    updated_at timestamptz not null                      -- one that is running and was not updated for a minute has died
);
