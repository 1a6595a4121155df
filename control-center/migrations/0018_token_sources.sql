-- The sources of signals that a machine's token speaks for, beside those whose `senders` name it.
alter table api_tokens add column sources text[] not null default '{}';
