-- An alert matters as much as the gravest start in it, and wants an incident if one of its starts does. Written only when
-- it becomes true, so the columns of an alert that repeats stay those of before.
alter table alerts add column wants_incident boolean not null default false;
update alerts a set wants_incident = true where a.watched
    and exists (select from alert_log l where l.alert = a.id and l.detail -> 'incident' = 'true'::jsonb);
