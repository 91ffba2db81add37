"""The statements of the writer. Sets come as one JSON parameter; names and types are the tables'."""

from __future__ import annotations

from typing import Final

from airspace.store.database import LOCAL_ZONE

DEFINITIONS: Final = "v1"
OUTBOX_CHANNEL: Final = "airspace_outbox"
QUARANTINE_ROWS: Final = 10_000
REJECT_LOTS: Final = 1_000

_DAY: Final = f"at time zone '{LOCAL_ZONE}')::date"


def store_detections(insert: str) -> str:
    """New rows only are counted, by cell and by day; gives how many were new."""
    return f"""
    with stored as ({insert}),
    cells as (
        insert into cell_day as held (day, cell, detections)
        select (time {_DAY}, cell, count(*) from stored where cell is not null group by 1, 2
        on conflict (day, cell) do update set detections = held.detections + excluded.detections
    ),
    days as (
        insert into daily_statistics as held (day, definitions_version, detections)
        select (time {_DAY}, '{DEFINITIONS}', count(*) from stored group by 1
        on conflict (day, definitions_version) do update set detections = held.detections + excluded.detections
    )
    select count(*) from stored"""


# Older news of a flight never replaces newer; its start, and so its day, stands.
FLIGHTS: Final = f"""
insert into flight as held
    (flight_id, track_id, day, started, last, ended, detections, counted, suspect, highest_m)
select flight_id, track_id, (started {_DAY}, started, last, ended, detections, counted, suspect, highest_m
from json_populate_recordset(null::flight, %s::json)
on conflict (flight_id) do update set
    last = excluded.last,
    ended = held.ended or excluded.ended,
    detections = excluded.detections,
    counted = excluded.counted,
    suspect = excluded.suspect,
    highest_m = greatest(held.highest_m, excluded.highest_m)
where (excluded.last, excluded.detections) >= (held.last, held.detections)"""

PSEUDONYMS: Final = """
update flight set pseudonym = heard.pseudonym
from json_populate_recordset(null::flight, %s::json) as heard
where flight.flight_id = heard.flight_id and flight.pseudonym is null"""

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

ALERTS: Final = f"""
with telling as materialized (
    select * from json_to_recordset(%s::json) as telling (
        place int, alert_id text, revision bigint, state text, priority int,
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
    insert into alert as held (alert_id, revision, state, priority, opened, closed, line)
    select distinct on (alert_id) alert_id, revision, state, priority, opened, closed, line
    from telling order by alert_id, revision desc
    on conflict (alert_id) do update set
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
