-- A drone that leaves and comes back is the same alert in its next episode: a row, an owner and an outcome of its own.
-- Revisions count on over all episodes of an alert, so the outbox needs no more than it had.

alter table alert add column episode int not null default 1;
alter table alert drop constraint alert_pkey;
alter table alert add primary key (alert_id, episode);
create index alert_closed on alert (closed desc) where state = 'closed';
