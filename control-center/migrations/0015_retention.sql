-- Pictures go when they are old: found by the time at which they came. src/database/retention.rs is the one who deletes.
create index evidence_by_time on evidence (received_at);
