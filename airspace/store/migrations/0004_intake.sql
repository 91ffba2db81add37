-- What was refused, and which sensors live.

-- The newest refusals, for whoever mends a sensor. In statistics mode payload, detail and place stay NULL.
create table quarantine (
    id bigint generated always as identity primary key,
    received timestamptz not null,
    sensor text,
    reason text not null,
    detail text,
    place text,
    payload bytea
);

create table reject_count (
    day date not null,
    sensor text not null, -- empty where the sensor is not known
    reason text not null,
    n bigint not null,
    primary key (day, sensor, reason)
);

-- Digests of the newest lots of refusals: a commit that is tried again is not counted again.
create table reject_lot (
    id bigint generated always as identity primary key,
    digest bytea not null unique
);

create table heartbeat (
    sensor text primary key,
    last timestamptz not null,
    detail text
);
