-- Roll-ups, kept in the transaction that stores the rows they count: readers never scan raw detections.

create table daily_statistics (
    day date not null,
    definitions_version text not null,
    flights bigint not null default 0,
    unauthorised bigint not null default 0,
    suspected bigint not null default 0,
    not_decidable bigint not null default 0,
    spoof_suspect bigint not null default 0,
    detections bigint not null default 0,
    primary key (day, definitions_version)
);

create table cell_day (
    day date not null,
    cell bigint not null,
    detections bigint not null,
    primary key (day, cell)
);

-- What each flight adds to its day, definition v1: a counted flight that is no spoof suspect is a flight; it is in one
-- class at most, the strongest. Unauthorised is a broken authorisation (kind zone): a height, a capacity or a departure
-- from an approved notice is a violation, but does not make a flight unauthorised.
create view flight_count as
select
    flight.flight_id,
    flight.day,
    (flight.counted and not flight.suspect)::int as flights,
    (flight.counted and not flight.suspect and worst.strength = 3)::int as unauthorised,
    (flight.counted and not flight.suspect and worst.strength = 2)::int as suspected,
    (flight.counted and not flight.suspect and worst.strength = 1)::int as not_decidable,
    (flight.counted and flight.suspect)::int as spoof_suspect
from flight
cross join lateral (
    select coalesce(max(violation.strength), 0) as strength
    from violation
    where violation.flight_id = flight.flight_id and violation.kind = 'zone'
) as worst;
