-- The last second of the log that a service has worked and committed: one row, written with each tick. Its age says
-- whether an empty sky may be believed; a database that can be read and not written stands still here.
create table service_tick (
    one boolean primary key default true check (one),
    time timestamptz not null
);
