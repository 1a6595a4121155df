-- Areas: who may see what. A camera lies in at most one; a person has some of them, or `*`, the whole city. What has no
-- area is seen by those alone who have the whole city. src/access/areas.rs is the rule in code.
create table areas (
    id    text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    name  text not null
);
alter table cameras add column area text references areas (id);
create index cameras_by_area on cameras (area, edge, id);

-- No element: no area. Who was there before areas were saw everything.
alter table users add column areas text[] not null default '{}';
update users set areas = '{*}';

-- The camera's area when the alert was raised.
alter table alerts add column area text;
create index alerts_by_area on alerts (area, raised_at desc, id desc) where area is not null;
