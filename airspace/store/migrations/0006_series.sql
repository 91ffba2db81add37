-- Series of flights, as air traffic control counts them: definition v1, airspace/tracking/series.py. Of whom a flight was
-- and where, there is a pseudonym and a square of about 5 km, in every mode.

alter table flight
    add column operator_pseudonym text,
    add column area bigint, -- airspace/store/cells.py
    add column party text generated always as (coalesce(operator_pseudonym, pseudonym, flight_id)) stored,
    add column opens_series boolean not null default false; -- daily_statistics counts it as the first of a series
create index flight_party on flight (party, last);

alter table daily_statistics add column series bigint not null default 0;

-- A flight that counts opens a series unless one of the same party in the same area was in the air within the hour
-- before it started.
create view series_start as
select
    flight.flight_id,
    flight.day,
    flight.opens_series,
    flight.counted and not flight.suspect and not exists (
        select from flight as earlier
        where earlier.party = flight.party
            and earlier.area is not distinct from flight.area
            and earlier.counted and not earlier.suspect
            and (earlier.started, earlier.flight_id) < (flight.started, flight.flight_id)
            and earlier.last >= flight.started - interval '60 minutes'
    ) as opens
from flight;

-- What there was before: by drone, as far as flights are still kept.
update flight set opens_series = true from series_start
where series_start.flight_id = flight.flight_id and series_start.opens;
update daily_statistics set series = counted.series
from (select day, count(*) as series from flight where opens_series group by day) as counted
where counted.day = daily_statistics.day and definitions_version = 'v1';
