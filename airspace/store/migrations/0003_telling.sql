-- What people are told. outbox holds every telling of every alert; each channel reads it from its own place.

create table alert (
    alert_id text primary key,
    revision bigint not null,
    state text not null,
    priority int not null,
    opened timestamptz not null,
    closed timestamptz,
    line jsonb not null -- the latest telling, contract form
);
create index alert_open on alert (priority desc) where state <> 'closed';

create table outbox (
    id bigint generated always as identity primary key,
    alert_id text not null,
    revision bigint not null,
    line jsonb not null,
    created timestamptz not null,
    unique (alert_id, revision)
);

create table outbox_place (
    channel text primary key,
    last_id bigint not null,
    failures int not null default 0
);
