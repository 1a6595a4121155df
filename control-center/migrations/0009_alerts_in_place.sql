-- An alert that repeats, clears and comes back is changed in place (a heap-only update, no index is written): the columns
-- of no index on alerts, predicates included, change with it. `active` did, in two predicates. `watched`
-- takes its place: true while active, and until housekeeping finds the alert quiet for ten minutes.
alter table alerts add column watched boolean not null default false;
update alerts set watched = true where active;
alter table alerts alter column watched set default true;
alter table alerts add constraint alerts_active_is_watched check (watched or not active);
drop index alerts_active, alerts_muted;
create index alerts_watched on alerts (edge, camera) where watched;
create index alerts_muted on alerts (id) where muted is not null and watched;

-- Nothing looks for a single moment of the log, and it grows in the order of time: a few bytes for each megabyte do.
drop index alert_log_by_time;
create index alert_log_by_time on alert_log using brin (at);
