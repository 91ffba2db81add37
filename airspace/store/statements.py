"""The statements of the writer. Sets come as one JSON parameter; names and types are the tables'."""

from __future__ import annotations

from typing import Final

from airspace.store.database import LOCAL_ZONE
from airspace.tracking.flights import MIN_AIRBORNE_S, MIN_DETECTIONS

DEFINITIONS: Final = "v1"
OUTBOX_CHANNEL: Final = "airspace_outbox"
OLDER_THAN_KEPT: Final = "older_than_kept"  # stored, and counted in no figure but this
QUARANTINE_ROWS: Final = 10_000
REJECT_LOTS: Final = 1_000

_DAY: Final = f"at time zone '{LOCAL_ZONE}')::date"


def store_detections(insert: str) -> str:
    """New rows only are counted, by cell and by day, or as too old for any; gives how many were new."""
    return f"""
    with stored as ({insert}),
    cells as (
        insert into cell_day as held (day, cell, detections)
        select (counted_at {_DAY}, cell, count(*) from stored
        where cell is not null and counted_at is not null group by 1, 2
        on conflict (day, cell) do update set detections = held.detections + excluded.detections
    ),
    days as (
        insert into daily_statistics as held (day, definitions_version, detections)
        select (counted_at {_DAY}, '{DEFINITIONS}', count(*) from stored where counted_at is not null group by 1
        on conflict (day, definitions_version) do update set detections = held.detections + excluded.detections
    ),
    old as (
        insert into reject_count as held (day, sensor, reason, n)
        select (logged {_DAY}, sensor, '{OLDER_THAN_KEPT}', count(*) from stored where counted_at is null group by 1, 2
        on conflict (day, sensor, reason) do update set n = held.n + excluded.n
    )
    select count(*) from stored"""


# Older news of a flight never replaces newer; its start, and so its day, stands. SHOW sums up what is part of a whole.
FLIGHTS: Final = f"""
insert into flight as held (
    flight_id, track_id, day, started, last, ended, detections, counted, suspect, highest_m,
    own_started, own_last, own_detections, own_counted, own_suspect, own_highest_m
)
select flight_id, track_id, (started {_DAY}, started, last, ended, detections, counted, suspect, highest_m,
    started, last, detections, counted, suspect, highest_m
from json_populate_recordset(null::flight, %s::json)
on conflict (flight_id) do update set
    last = excluded.last,
    ended = held.ended or excluded.ended,
    detections = excluded.detections,
    counted = excluded.counted,
    suspect = excluded.suspect,
    highest_m = greatest(held.own_highest_m, excluded.highest_m),
    own_last = excluded.last,
    own_detections = excluded.detections,
    own_counted = excluded.counted,
    own_suspect = excluded.suspect,
    own_highest_m = greatest(held.own_highest_m, excluded.highest_m)
where (excluded.last, excluded.detections) >= (held.own_last, held.own_detections)"""

# Of flights, and of violations of theirs, of which there is news: all flights of the wholes that they are part of.
OF_WHOLES: Final = """
select flight_id from flight
where whole = any(array(select whole from flight where flight_id = any(%s) and whole is not null))"""

_ENOUGH: Final = "({0} >= {detections} or {1} >= interval '{airborne_s} seconds')"


def _enough(detections: str, airborne: str) -> str:
    """As ``enough`` of airspace/tracking/flights.py says."""
    return _ENOUGH.format(detections, airborne, detections=MIN_DETECTIONS, airborne_s=MIN_AIRBORNE_S)


# What was followed live and does not count though there is enough of it: a test, a crew, or given up to another track.
BARRED: Final = f"(not past and not own_counted and {_enough('own_detections', 'own_last - own_started')})"

# What each flight shows: its own, or as the one that counts of its whole the sum. The others of a whole do not count.
SHOW: Final = f"""
with whole as materialized (
    select whole as flight_id, min(own_started) as started, max(own_last) as last,
        sum(own_detections) as detections, max(own_highest_m) as highest_m,
        bool_or(own_counted) or {_enough("sum(own_detections)", "max(own_last) - min(own_started)")} as counted,
        coalesce((array_agg(own_suspect order by past, own_started desc, flight_id desc))[1], false) as suspect,
        (array_agg(area order by own_started, flight_id) filter (where area is not null))[1] as area,
        (array_agg(operator_pseudonym order by own_started, flight_id)
            filter (where operator_pseudonym is not null))[1] as operator_pseudonym
    from flight where whole is not null and not {BARRED}
        and whole = any(array(select whole from flight where flight_id = any(%(flights)s) and whole is not null))
    group by whole
)
update flight set
    day = (coalesce(whole.started, own_started) {_DAY},
    started = coalesce(whole.started, own_started),
    last = coalesce(whole.last, own_last),
    detections = coalesce(whole.detections, own_detections),
    counted = case when each.whole is null then own_counted else coalesce(whole.counted, false) end,
    suspect = coalesce(whole.suspect, own_suspect),
    highest_m = case when whole.flight_id is null then own_highest_m else whole.highest_m end,
    area = coalesce(flight.area, whole.area),
    operator_pseudonym = coalesce(flight.operator_pseudonym, whole.operator_pseudonym)
from (select flight_id, whole from flight where flight_id = any(%(flights)s)) as each
    left join whole on whole.flight_id = each.flight_id
where flight.flight_id = each.flight_id"""

# What was heard first stays. Gives the flights of which more is known now.
IDENTITIES: Final = """
update flight set
    pseudonym = coalesce(flight.pseudonym, heard.pseudonym),
    operator_pseudonym = coalesce(flight.operator_pseudonym, heard.operator_pseudonym),
    area = coalesce(flight.area, heard.area)
from json_populate_recordset(null::flight, %s::json) as heard
where flight.flight_id = heard.flight_id and (
    (flight.pseudonym is null and heard.pseudonym is not null)
    or (flight.operator_pseudonym is null and heard.operator_pseudonym is not null)
    or (flight.area is null and heard.area is not null)
)
returning flight.flight_id"""

JOINED: Final = """
update detection set track_id = joined.track_id, flight_id = joined.flight_id
from json_to_recordset(%s::json) as joined (microseconds bigint, content_id text, track_id text, flight_id text)
where detection.time = timestamptz '2000-01-01 00:00:00+00' + joined.microseconds * interval '1 microsecond'
    and detection.content_id = decode(joined.content_id, 'hex')
    and detection.track_id is null"""

# Of whom more of the past came: to be counted by airspace/store/past.py.
PAST_DUE: Final = """
insert into past_due as held (pseudonym) select unnest(%s::text[])
on conflict (pseudonym) do update set seq = excluded.seq, latest = excluded.latest"""

# Flights followed live that may be one with a past that was counted before, or that were and may be no more.
PAST_BESIDE: Final = f"""
insert into past_due as held (pseudonym)
select distinct pseudonym from flight as live
where flight_id = any(%(flights)s) and not past and pseudonym is not null and (
    (whole is not null and {BARRED})
    or exists (
        select from flight as old
        where old.past and old.pseudonym = live.pseudonym and old.last > live.own_started - %(near)s
            and old.own_started < live.own_last + %(near)s
            and (old.whole is null or old.whole is distinct from live.whole)
    )
)
on conflict (pseudonym) do update set seq = excluded.seq, latest = excluded.latest"""

_OF_THE_STRONGEST: Final = (
    "rule_version", "kind", "zone_id", "zone_version", "notice_id", "verdict", "strength", "reason", "height_agl_m",
)  # fmt: skip

VIOLATIONS: Final = f"""
insert into violation as held
select * from json_populate_recordset(null::violation, %s::json)
on conflict (flight_id, rule, "group") do update set
    first = least(held.first, excluded.first),
    last = greatest(held.last, excluded.last),
    {
    ", ".join(
        f"{name} = case when excluded.strength > held.strength then excluded.{name} else held.{name} end"
        for name in _OF_THE_STRONGEST
    )
}"""

# Run with -1 before flights and violations change and with +1 after: a day's figures move by what its flights moved.
COUNT_FLIGHTS: Final = f"""
insert into daily_statistics as held
    (day, definitions_version, flights, unauthorised, suspected, not_decidable, spoof_suspect)
select
    day, '{DEFINITIONS}', %(sign)s * sum(flights), %(sign)s * sum(unauthorised), %(sign)s * sum(suspected),
    %(sign)s * sum(not_decidable), %(sign)s * sum(spoof_suspect)
from flight_count where flight_id = any(%(flights)s) group by day
on conflict (day, definitions_version) do update set
    flights = held.flights + excluded.flights,
    unauthorised = held.unauthorised + excluded.unauthorised,
    suspected = held.suspected + excluded.suspected,
    not_decidable = held.not_decidable + excluded.not_decidable,
    spoof_suspect = held.spoof_suspect + excluded.spoof_suspect"""

# After flights changed: they, and what their parties (the present ones, and those they may have been taken for before)
# flew up to an hour after, are looked at again; a day's figure moves by what moved. Sets go on as arrays, so that a few
# flights are found by index among many.
COUNT_SERIES: Final = f"""
with touched as materialized (
    select started, last, array[party, operator_pseudonym, pseudonym] as parties
    from flight where flight_id = any(%s)
),
doubtful as (
    select distinct flight.flight_id from touched join flight
        on flight.party = any(touched.parties) and flight.last >= touched.started
        and flight.started between touched.started and touched.last + interval '60 minutes'
),
wrong as (
    select flight_id from series_start
    where flight_id = any(array(select flight_id from doubtful)) and opens <> opens_series
),
moved as (
    update flight set opens_series = not opens_series where flight_id = any(array(select flight_id from wrong))
    returning day, case when opens_series then 1 else -1 end as step
)
insert into daily_statistics as held (day, definitions_version, series)
select day, '{DEFINITIONS}', sum(step) from moved group by day
on conflict (day, definitions_version) do update set series = held.series + excluded.series"""

ALERTS: Final = f"""
with telling as materialized (
    select * from json_to_recordset(%s::json) as telling (
        place int, alert_id text, episode int, revision bigint, state text, priority int,
        opened timestamptz, closed timestamptz, created timestamptz, line jsonb
    )
),
told as (
    insert into outbox (alert_id, revision, line, created)
    select alert_id, revision, line, created from telling order by place
    on conflict (alert_id, revision) do nothing
    returning id
),
latest as (
    insert into alert as held (alert_id, episode, revision, state, priority, opened, closed, line)
    select distinct on (alert_id, episode) alert_id, episode, revision, state, priority, opened, closed, line
    from telling order by alert_id, episode, revision desc
    on conflict (alert_id, episode) do update set
        revision = excluded.revision, state = excluded.state, priority = excluded.priority,
        closed = excluded.closed, line = excluded.line
    where excluded.revision > held.revision
)
select count(*), pg_notify('{OUTBOX_CHANNEL}', '') from told"""

NEW_LOT: Final = "insert into reject_lot (digest) values (%s) on conflict (digest) do nothing returning id"
TRIM_LOTS: Final = "delete from reject_lot where id <= %s"

REJECTS: Final = f"""
with refused as materialized (
    select * from json_to_recordset(%s::json) as refused (
        number int, n bigint, received timestamptz, sensor text, counted_sensor text, reason text, kept boolean,
        detail text, place text, payload text
    )
),
counted as (
    insert into reject_count as held (day, sensor, reason, n)
    select (received {_DAY}, counted_sensor, reason, sum(n) from refused group by 1, 2, 3
    on conflict (day, sensor, reason) do update set n = held.n + excluded.n
)
insert into quarantine (received, sensor, reason, detail, place, payload)
select received, sensor, reason, detail, place, decode(payload, 'hex')
from (select * from refused where kept order by number desc limit {QUARANTINE_ROWS}) as newest
order by number"""

TRIM_QUARANTINE: Final = f"delete from quarantine where id <= (select max(id) from quarantine) - {QUARANTINE_ROWS}"

HEARTBEATS: Final = """
insert into heartbeat as held
select * from json_populate_recordset(null::heartbeat, %s::json)
on conflict (sensor) do update set last = excluded.last, detail = excluded.detail
where excluded.last >= held.last"""

TICK: Final = (
    "insert into service_tick (time) values (to_timestamp(%s)) on conflict (one)"
    " do update set time = greatest(service_tick.time, excluded.time)"
)
"""The last second of the log that is stored."""

CLOCK_OFFSET: Final = (
    "insert into clock_offset (time, offset_s) values (to_timestamp(%s), %s) on conflict (time) do nothing"
)
