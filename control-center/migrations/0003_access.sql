-- People without a password (they come from elsewhere), and machines, which are users too so that whatever says who did
-- something can name them.
alter table users alter column password drop not null;
alter table users add column kind text not null default 'person' check (kind in ('person', 'machine'));
alter table users add column oidc_issuer text;
alter table users add column oidc_subject text;
create unique index users_by_oidc on users (oidc_issuer, oidc_subject);

-- Each session knows for how long it may idle; what it was begun with holds until it ends.
alter table sessions add column idle_s bigint not null default 43200;

-- A machine's token: shown once, kept as SHA-256.
create table api_tokens (
    "user"        uuid primary key references users (id) on delete cascade,
    token_sha256  bytea not null unique,
    created_at    timestamptz not null,
    created_by    uuid,
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    last_used_at  timestamptz
);

-- A sign-in through OIDC that is under way.
create table oidc_flows (
    state_sha256  bytea primary key,
    nonce         text not null,
    verifier      text not null,
    created_at    timestamptz not null
);

-- A code by which an edge gets its credential, once.
create table claim_codes (
    code_sha256   bytea primary key,
    edge          text not null references edges (id) on delete cascade,
    created_at    timestamptz not null,
    created_by    uuid,
    expires_at    timestamptz not null,
    used_at       timestamptz
);
create index claim_codes_by_edge on claim_codes (edge);

-- The certificates that were given out, and which of them are revoked.
create table edge_certificates (
    serial        text primary key,                      -- hex, as certificates print it
    edge          text not null references edges (id) on delete cascade,
    issued_at     timestamptz not null,
    expires_at    timestamptz not null,
    revoked_at    timestamptz
);
create index edge_certificates_by_edge on edge_certificates (edge);

-- The audit rows become a chain: each row has the hash of the one before, and its own over that and its content.
-- src/access/chain.rs computes the same in Rust; the two must agree byte for byte.
alter table audit alter column id drop identity;
update audit set id = -n from (select id as old, row_number() over (order by id) as n from audit) numbered where id = old;
update audit set id = -id;
alter table audit add column prev bytea;
alter table audit add column hash bytea;

-- A row's content as netstrings (`length:bytes,`), in bytes of UTF-8: nothing can move from one field to the next.
create function audit_netstring(field text) returns text language sql immutable parallel safe as
    $$ select octet_length(coalesce(field, ''))::text || ':' || coalesce(field, '') || ',' $$;
create function audit_content(id bigint, at timestamptz, actor uuid, action text, subject text, detail jsonb)
    returns bytea language sql stable as $$
    select convert_to(audit_netstring(id::text) || audit_netstring((extract(epoch from at) * 1000000)::bigint::text)
        || audit_netstring(actor::text) || audit_netstring(action) || audit_netstring(subject)
        || audit_netstring(detail::text), 'UTF8') $$;

-- The newest row, kept apart so that rows missing at the end are missed.
create table audit_head (
    one   boolean primary key default true check (one),
    id    bigint not null,
    hash  bytea not null
);
insert into audit_head (id, hash) values (0, decode(repeat('00', 32), 'hex'));

create function audit_chain() returns trigger language plpgsql security definer set search_path from current as $$
declare
    head audit_head;
begin
    -- Until the transaction ends: rows become visible in the order of their numbers. Whoever writes an audit row does it as
    -- the last thing in a transaction, so that no other lock is taken under this one.
    perform pg_advisory_xact_lock(7220504);
    select * into strict head from audit_head;
    new.id := head.id + 1;
    new.prev := head.hash;
    new.hash := sha256(new.prev || audit_content(new.id, new.at, new.actor, new.action, new.subject, new.detail));
    update audit_head set id = new.id, hash = new.hash;
    return new;
end $$;

do $$
declare
    r record;
    head bytea := decode(repeat('00', 32), 'hex');
begin
    for r in select * from audit order by id loop
        update audit set prev = head, hash = sha256(head || audit_content(id, at, actor, action, subject, detail))
            where audit.id = r.id returning hash into head;
        update audit_head set id = r.id, hash = head;
    end loop;
end $$;
alter table audit alter column prev set not null;
alter table audit alter column hash set not null;
create index audit_by_actor on audit (actor, id);
create trigger audit_chain before insert on audit for each row execute function audit_chain();

create function audit_is_written_once() returns trigger language plpgsql as $$
begin
    raise exception 'audit rows are written once and never changed' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_is_written_once before update or delete or truncate on audit
    for each statement execute function audit_is_written_once();
