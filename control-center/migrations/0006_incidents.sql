-- Incidents: the cases that people work. src/incidents/ is the only writer.

-- What is to be done for each kind of incident; the newest version of a kind is in force, incidents keep theirs.
create table procedures (
    kind     text        not null,
    version  bigint      not null check (version > 0),
    body     jsonb       not null,                       -- as the API shows it
    at       timestamptz not null,
    actor    uuid,                                       -- null: shipped, or imported on the command line
    primary key (kind, version)
);

create table incident_numbers (
    year  integer primary key,
    last  bigint  not null
);

create table incidents (
    id             uuid primary key,
    number         text        not null unique,          -- 2026-000123
    seq            bigint      not null,                 -- of its newest change in incident_log
    kind           text        not null,
    severity       text        not null check (severity in ('critical', 'high', 'medium', 'low')),
    title          text        not null,
    area           text,
    lat            double precision,
    lon            double precision,
    source_key     text,                                 -- edge/camera or sensor of its first source: near without a place
    status         text        not null check (status in ('open', 'in_progress', 'resolved', 'closed')),
    owner          uuid,
    unit           text,
    origin         text        not null check (origin in ('alert', 'report', 'signal', 'person')),
    opened_at      timestamptz not null,
    opened_by      uuid,                                 -- null: by policy, a report or a sensor
    last_source_at timestamptz not null,
    sources        bigint      not null default 0,
    resolved_at    timestamptz,
    closed_at      timestamptz,
    verdict        text check (verdict in ('true', 'false', 'test', 'duplicate')),
    merged_into    uuid references incidents (id),
    procedure      bigint      not null,                 -- its version
    steps          jsonb       not null,
    clocks         jsonb       not null,
    escalate_at    timestamptz,                          -- when the next clock runs out or repeats; null: none runs
    check (status <> 'resolved' or resolved_at is not null),
    check (status <> 'closed' or (closed_at is not null and verdict is not null)),
    check (merged_into is null or status = 'closed')
);
create index incidents_by_opened on incidents (opened_at desc, id desc);
create index incidents_unfinished on incidents (kind, last_source_at desc) where status in ('open', 'in_progress');
create index incidents_by_area on incidents (area, opened_at desc, id desc) where area is not null;
create index incidents_to_escalate on incidents (escalate_at) where escalate_at is not null;

-- Append-only; seq is commit-ordered and dense because it is taken under one advisory lock.
create table incident_log (
    seq          bigint primary key,
    at           timestamptz not null,
    incident     uuid        not null,
    change       text        not null,
    actor        uuid,                                   -- null: the machine
    detail       jsonb       not null,
    incident_row jsonb       not null                    -- the incident after the change, as the API shows it
);
create index incident_log_by_incident on incident_log (incident, seq);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'incident_log is append-only';
end $$;
create trigger incident_log_is_append_only before update or delete or truncate on incident_log
    for each statement execute function refuse_change();

-- What an incident groups. A thing belongs to one incident at a time.
create table incident_sources (
    kind      text        not null check (kind in ('alert', 'report', 'signal')),
    ref       text        not null,                      -- the alert's id, the report's number, the signal's id
    incident  uuid        not null references incidents (id),
    at        timestamptz not null,                      -- when it happened, by its own clock
    title     text        not null,
    lat       double precision,
    lon       double precision,
    added_at  timestamptz not null,
    came_with uuid references incidents (id),            -- the incident that brought it by a merge
    primary key (kind, ref)
);
create index incident_sources_by_incident on incident_sources (incident, at);

-- Answers to writes that carried an Idempotency-Key, for 24 h.
create table idempotency (
    who            text        not null,                 -- the user, the token, or the address of an anonymous client
    key            text        not null,
    request_sha256 bytea       not null,                 -- of method, path and body
    created_at     timestamptz not null,
    status         smallint,                             -- null: still under way
    media_type     text,
    body           bytea,
    primary key (who, key)
);
create index idempotency_by_age on idempotency (created_at);
