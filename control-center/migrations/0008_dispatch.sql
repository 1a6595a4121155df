-- Dispatch: incidents handed to units. src/dispatch/ is the only writer.

create table units (
    id            text primary key,
    name_vi       text        not null,
    name_en       text        not null,
    kind          text        not null,                  -- police, health, fire, rescue, ward, other
    areas         text[]      not null,                  -- '*' is the whole city
    channels      jsonb       not null,                  -- in the order in which they are tried
    read_within_s integer     not null check (read_within_s between 1 and 86400),
    fallback      text[]      not null default '{}',     -- units that are asked next
    shifts        jsonb       not null default '[]',     -- hours of duty, local time; none: always
    members       uuid[]      not null default '{}',     -- users of role unit who see its inbox
    webhook_key   text        not null,                  -- whsk_…; the public half is in the API
    disabled      boolean     not null default false,
    created_at    timestamptz not null
);

create table dispatches (
    id          uuid primary key,
    incident    uuid        not null references incidents (id),
    unit        text        not null references units (id),
    state       text        not null,
    times       jsonb       not null,                    -- when it reached which state
    note        text        not null default '',         -- what the center asks
    answer      text        not null default '',         -- what the unit said, such as why it refuses
    asked       text[]      not null default '{}',       -- the units that were asked before it for the same thing
    created_at  timestamptz not null,
    created_by  uuid,                                    -- null: by the plan
    begun       integer     not null default 0,          -- channels begun
    since       timestamptz not null,                    -- when the newest was begun
    passed_on   boolean     not null default false,      -- the next unit or the supervisor was asked
    act_at      timestamptz,                             -- when the plan looks again; null: never
    link_until  timestamptz not null                     -- until when its link for those without an account works
);
create index dispatches_by_incident on dispatches (incident, created_at);
create index dispatches_by_unit on dispatches (unit, created_at desc, id desc);
create index dispatches_to_act on dispatches (act_at) where act_at is not null;

-- One message on one channel; its id is the message's id at every attempt.
create table deliveries (
    id          uuid primary key,
    dispatch    uuid        not null references dispatches (id),
    channel     integer     not null,                    -- which of the unit's channels
    kind        text        not null,
    target      text        not null,                    -- address, topic; as it was when it was begun
    body        text        not null,
    media_type  text        not null,
    state       text        not null check (state in ('pending', 'delivered', 'failed')),
    attempts    integer     not null default 0,
    next_at     timestamptz,                             -- of the next attempt; null: none
    error       text,                                    -- of the last attempt
    created_at  timestamptz not null,
    done_at     timestamptz
);
create index deliveries_by_dispatch on deliveries (dispatch, channel);
create index deliveries_due on deliveries (next_at) where next_at is not null;

-- What was said of an incident in the Common Alerting Protocol.
create table cap_messages (
    identifier  text primary key,
    incident    uuid        not null references incidents (id),
    kind        text        not null check (kind in ('Alert', 'Update', 'Cancel')),
    sent        timestamptz not null,
    area        text,
    title       text        not null,
    document    text        not null
);
create index cap_messages_by_incident on cap_messages (incident, sent);
create index cap_messages_by_sent on cap_messages (sent desc, identifier desc);

-- Signs those links; made at the first start.
create table dispatch_secret (
    only_row boolean primary key default true check (only_row),
    secret   bytea   not null
);
