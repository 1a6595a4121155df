-- Sensors and other systems, and citizens: what they say, and the incident that it became part of.

-- Known sensors, with the values from which a reading is an incident. Unknown ones may speak too, as operators' programs.
create table signal_sources (
    id    text primary key,
    body  jsonb not null                                 -- as in the city file
);

create table signals (
    source      text        not null,
    id          text        not null,                    -- the source's own: sent again, it is stored once
    kind        text        not null,                    -- a kind of incident
    at          timestamptz not null,                    -- by the source's clock
    received_at timestamptz not null,
    lat         double precision,
    lon         double precision,
    value       double precision,
    unit        text,
    severity    text check (severity in ('critical', 'high', 'medium', 'low')), -- of the incident; null: a reading only
    incident    uuid references incidents (id),          -- the one that it joined or opened
    actor       uuid,                                    -- whose token sent it; null: the source itself, over MQTT
    primary key (source, id)
);
create index signals_by_time on signals (received_at);

create table reports (
    number      text primary key,                        -- what the reporter is told
    key_sha256  bytea       not null,                    -- of the secret in the reporter's link
    received_at timestamptz not null,
    kind        text        not null,
    text        text        not null,
    language    text        not null check (language in ('vi', 'en')),
    lat         double precision,
    lon         double precision,
    place_text  text,
    area        text,
    contact     text,
    consent     text        not null,                    -- the words that were agreed to
    sender      bytea,                                   -- digest of the address; forgotten after a day
    state       text        not null check (state in ('received', 'accepted', 'rejected', 'answered')),
    incident    uuid references incidents (id),
    answer      text,                                    -- what the reporter reads: the answer, or why it was rejected
    due_at      timestamptz not null,
    answered_at timestamptz,
    answered_by uuid
);
create index reports_by_time on reports (received_at desc, number desc);
create index reports_by_sender on reports (sender, received_at) where sender is not null;
create table report_pictures (
    report  text   not null references reports (number),
    digest  text   not null,
    primary key (report, digest)
);
create index report_pictures_by_digest on report_pictures (digest);

-- Secrets that the center makes for itself.
create table center_secrets (
    name   text primary key,
    value  bytea not null
);
