-- Taken back because its incident was over: its unit is asked anew when the incident goes on.
alter table dispatches add column stood_down boolean not null default false;

-- Nothing more is asked of anybody for incidents that are over.
update deliveries d set state = 'failed', next_at = null, done_at = now(), error = 'not needed any more: the incident is over'
    from dispatches p join incidents i on i.id = p.incident
    where p.id = d.dispatch and d.state = 'pending' and d.cancels is null and i.status in ('resolved', 'closed');
