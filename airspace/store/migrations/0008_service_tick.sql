-- The last second of the log that a service has worked and committed: one row, written with each tick. Its age says
-- whether an empty sky may be believed; a database that can be read and not written stands still here. ``database_id`` is
-- this database's own: what a service knows belongs to it, and to no other of the same address.
create table service_tick (
    one boolean primary key default true check (one),
    time timestamptz not null,
    database_id uuid not null default gen_random_uuid()
);
insert into service_tick (time) values ('-infinity');
