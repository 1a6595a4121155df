-- By which merges a source or a dispatch came to its incident, the first one first: each is an incident that was merged
-- into the next. Splitting gives back what came with an incident, and takes one step of the way off.
alter table incident_sources add column brought_by uuid[] not null default '{}';
update incident_sources set brought_by = array[came_with] where came_with is not null;
alter table incident_sources drop column came_with;
alter table dispatches add column brought_by uuid[] not null default '{}';

-- How long a unit may look at a dispatch without saying whether it comes, before somebody else is asked.
alter table units add column accept_within_s integer not null default 300 check (accept_within_s between 1 and 86400);

-- The message that this one takes back.
alter table deliveries add column cancels uuid unique references deliveries (id);

-- Incidents of which something was said in the Common Alerting Protocol that was not taken back yet.
create table cap_open (
    incident  uuid    primary key references incidents (id),
    say_again boolean not null default false             -- dispatches came to it by a merge or a split: it is to be said anew
);
insert into cap_open (incident)
    select incident from (select distinct on (incident) incident, kind from cap_messages
        order by incident, sent desc, length(identifier) desc, identifier desc) newest
    where kind <> 'Cancel';

-- One code at a time waits for an edge.
delete from claim_codes c using claim_codes newer
    where c.edge = newer.edge and c.used_at is null and newer.used_at is null
      and (c.created_at, c.code_sha256) < (newer.created_at, newer.code_sha256);
create unique index claim_codes_waiting on claim_codes (edge) where used_at is null;

-- Reports that nobody has placed yet wait for everybody who triages.
create index reports_unplaced on reports (received_at desc, number desc) where area is null;
