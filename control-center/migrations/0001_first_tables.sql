-- Time series. `events`, `observations`, `tracks` and `health` are hypertables where TimescaleDB takes them, else daily
-- partitions made ahead; src/database/timeseries.rs decides and makes the partitions. The key begins with the
-- edge's own time because a resent message carries it unchanged, so a duplicate meets its first copy.

create table events (
    time        timestamptz not null,
    outbox      uuid        not null,
    sequence    bigint      not null,
    received_at timestamptz not null,
    id          uuid        not null,
    edge        text        not null,
    camera      text,
    kind        text        not null,
    phase       text        not null,
    rule        text        not null,
    zone        text,
    track       bigint,
    class       text,
    confidence  double precision not null,
    snapshot    text,
    data        jsonb       not null,
    primary key (time, outbox, sequence)
) partition by range (time);
create index events_by_camera on events (edge, camera, time desc);

create table observations (
    time        timestamptz not null,
    outbox      uuid        not null,
    sequence    bigint      not null,
    received_at timestamptz not null,
    edge        text        not null,
    camera      text,
    quantity    text        not null,
    zone        text        not null,
    class       text,
    direction   text,
    to_zone     text,
    statistic   text,
    samples     bigint,
    plus_minus  double precision,
    window_from timestamptz not null,
    window_to   timestamptz not null,
    value       double precision not null,
    unit        text        not null,
    coverage_s  double precision not null,
    config      bigint      not null,
    primary key (time, outbox, sequence)
) partition by range (time);
create index observations_by_camera on observations (edge, camera, quantity, time desc);

create table tracks (
    time        timestamptz not null,                    -- the end of the trajectory
    outbox      uuid        not null,
    sequence    bigint      not null,
    received_at timestamptz not null,
    track_from  timestamptz not null,
    track       bigint      not null,
    config      bigint      not null,
    confidence  real        not null,
    frame_width_px  integer not null,
    frame_height_px integer not null,
    goes_on     boolean     not null,                    -- whether another piece of the same track follows
    edge        text        not null,
    camera      text,
    class       text        not null,
    model       text,
    points      smallint[]  not null,                    -- as protocol/src/track.rs codes them, five numbers a point
    unseen      smallint[],                              -- indices of points; null for none
    primary key (time, outbox, sequence)
) partition by range (time);
create index tracks_by_camera on tracks (edge, camera, time desc);

create table health (
    time        timestamptz not null,
    outbox      uuid        not null,
    sequence    bigint      not null,
    received_at timestamptz not null,
    edge        text        not null,
    data        jsonb       not null,
    primary key (time, outbox, sequence)
) partition by range (time);
create index health_by_edge on health (edge, time desc);

-- What was refused, with the reason. Counted per edge in `edges.dead_letters`.
create table dead_letters (
    id          bigint generated always as identity primary key,
    received_at timestamptz not null,
    edge        text,
    topic       text        not null,
    outbox      uuid,
    sequence    bigint,
    reason      text        not null,
    raw         bytea       not null check (octet_length(raw) <= 4096)
);
create index dead_letters_by_edge on dead_letters (edge, received_at desc);

-- The ledger: for each outbox and lane which numbers arrived, which were declared lost, and what is missing.
create table ledger (
    edge          text   not null,
    outbox        uuid   not null,
    lane          text   not null,
    settled       int8multirange not null default '{}', -- arrived, dead-lettered, declared lost, or acknowledged before this ledger
    lost_numbers  int8multirange not null default '{}', -- the part of it that was declared lost and did not arrive after all
    upto          bigint not null default 0,            -- end of the unbroken run from 1: what is acknowledged to the edge
    highest       bigint not null default 0,            -- highest number seen
    received      bigint not null default 0,            -- stored rows and declarations of loss
    dead          bigint not null default 0,            -- dead-lettered
    duplicates    bigint not null default 0,            -- arrived again, not stored again
    lost          bigint not null default 0,            -- declared lost by the edge
    acked_before  bigint not null default 0,            -- acknowledged by a center before this ledger began
    updated_at    timestamptz not null,
    primary key (outbox, lane)
) with (fillfactor = 50, autovacuum_vacuum_threshold = 500);
create table losses (
    outbox        uuid   not null,
    lane          text   not null,
    sequence      bigint not null,                       -- of the declaring message
    edge          text   not null,
    first_lost    bigint not null,
    last_lost     bigint not null,
    count         bigint not null,
    reason        text   not null,
    declared_at   timestamptz not null,
    received_at   timestamptz not null,
    primary key (outbox, lane, sequence)
);

-- The city.
create table edges (
    id             text primary key,
    name           text not null,
    secret_sha256  bytea,                                -- of the device credential; null: known by name only
    mqtt_password  text,                                 -- as in the broker's password file
    config_version bigint not null default 0,
    config_running bigint,
    config_error   text,
    online         boolean not null default false,
    outbox         uuid,
    boot           bigint,
    version        text,
    clock_skew_ms  bigint,                               -- how far its clock is behind ours, by the newest health
    uptime_s       double precision,                     -- of the agent, by the newest health
    dead_letters   bigint not null default 0,
    last_seen      timestamptz,
    created_at     timestamptz not null
);
create table cameras (
    edge         text not null references edges (id),
    id           text not null,
    name         text not null,
    lat          double precision,
    lon          double precision,
    config       jsonb,                                  -- null: known only from what the edge sends
    online       boolean,
    health       jsonb,
    health_at    timestamptz,
    picture_at   timestamptz,                            -- when the newest picture was taken
    created_at   timestamptz not null,
    primary key (edge, id)
);

-- Alerts. `active` is set by the machine, the acknowledgement by a person: two fields, not one state.
create table alerts (
    id              uuid primary key,
    seq             bigint not null,                     -- of its newest change in alert_log
    key             text not null,                       -- edge/camera/rule/zone/kind: what lasts as one alert
    kind            text not null,
    severity        text not null check (severity in ('critical', 'high', 'medium', 'low')),
    edge            text not null,
    camera          text,
    rule            text not null,
    zone            text,
    active          boolean not null,
    first_at        timestamptz not null,                -- of the first event, by the edge's clock
    last_at         timestamptz not null,                -- of the newest event, by the edge's clock
    raised_at       timestamptz not null,                -- when the center raised it, by its own clock
    cleared_at      timestamptz,                         -- of the last end, by the edge's clock
    count           bigint not null,                     -- start events merged into it
    class           text,                                -- class, confidence, why and snapshot: of the newest start
    confidence      double precision,
    why             jsonb,
    snapshot        text,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    open            jsonb not null default '[]'          -- the policy's open tracks
) with (fillfactor = 60, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.1);
-- None of these columns changes while an alert repeats, so its row is changed in place.
create index alerts_by_key on alerts (key, raised_at desc, id desc);
create index alerts_by_raised on alerts (raised_at desc, id desc);
create index alerts_by_camera on alerts (edge, camera, raised_at desc, id desc);
create index alerts_unacknowledged on alerts (severity) where acknowledged_at is null;
create index alerts_active on alerts (edge, camera) where active;

-- Append-only; seq is commit-ordered because it is taken under one advisory lock.
create table alert_log (
    seq       bigint primary key,
    at        timestamptz not null,
    alert     uuid not null,
    change    text not null,                             -- raised, repeated, cleared, acknowledged
    actor     uuid,
    alert_row jsonb not null                             -- the alert after the change, as the API shows it
);

-- People and their sessions.
create table users (
    id            uuid primary key,
    name          text not null unique,
    full_name     text not null default '',
    role          text not null check (role in ('viewer', 'operator', 'supervisor', 'unit', 'admin')),
    password      text not null,                         -- argon2id, PHC string
    language      text not null default 'vi' check (language in ('vi', 'en')),
    disabled      boolean not null default false,
    created_at    timestamptz not null
);
create table sessions (
    token_sha256  bytea primary key,
    "user"        uuid not null references users (id) on delete cascade,
    created_at    timestamptz not null,
    last_seen     timestamptz not null,
    expires_at    timestamptz not null
);
create table sign_in_failures (
    name          text not null,
    at            timestamptz not null
);
create index sign_in_failures_by_name on sign_in_failures (name, at);

-- Evidence is on disk under its digest; this says what it is.
create table evidence (
    digest       text primary key,                       -- sha256:<64 hex>
    edge         text not null,
    camera       text,
    media_type   text not null,
    bytes        bigint not null,
    received_at  timestamptz not null
);

-- Who did and who looked.
create table audit (
    id        bigint generated always as identity primary key,
    at        timestamptz not null,
    actor     uuid,
    action    text not null,
    subject   text not null,
    detail    jsonb not null default '{}'
);
