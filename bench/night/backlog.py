"""A night's queue at the broker, and a drone that appears as the service starts.

While the service is away its broker queues 50,001 QoS 1 messages, flights of a night; then it starts, and at the same
moment a drone appears in a prohibited zone and tells of itself once a second. Measured: what was stored and refused,
how long after the start the live drone's alert stands in the outbox, how many flights of the night were counted, and
that none of them was alerted. ``here``: the same with every flight in one place.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Final

import aiomqtt
import psycopg

from airspace import app
from airspace.model.privacy import Mode, Privacy
from airspace.model.sensor import Sensor
from airspace.service import config
from airspace.service.clock import wall_clock
from airspace.store import past
from airspace.store.database import connect
from airspace.store.embedded import embedded
from bench.flood import CENTRE, SERIAL, Air, zone_file
from receivers.sources.mqtt import MqttSource
from receivers.sources.mqtt_link import MqttSettings
from tests.servers.mosquitto import deployed_mosquitto

QUEUED: Final = 50_001
FLIGHT_S: Final = 1000  # a message a second
NIGHT_S: Final = 8 * 3600.0
ALERT_WITHIN_S: Final = 5.0
GIVEN_UP_S: Final = 60.0
TOPIC: Final = "airspace/v1/bench/sensor/mast/detection"
SESSION: Final = "airspace-bench-night"
PRIVACY: Final = Privacy(mode=Mode.STATISTICS, key=b"bench")


async def _queue(port: int, messages: list[bytes]) -> None:
    """As the broker would have it of a service that was there yesterday."""
    async with aiomqtt.Client("127.0.0.1", port, identifier=SESSION, clean_session=False) as away:
        await away.subscribe("airspace/v1/+/sensor/+/detection", qos=1)
    async with aiomqtt.Client("127.0.0.1", port, max_inflight_messages=1000, max_queued_outgoing_messages=0) as mast:
        for first in range(0, len(messages), 500):
            mast.pending_calls_threshold = len(messages)
            await asyncio.gather(*(mast.publish(TOPIC, one, qos=1) for one in messages[first : first + 500]))


def night(count: int, now_s: float, *, here: bool) -> list[bytes]:
    """Flights over a night, the last an hour ago; each in another place unless all are here."""
    air, made = Air(0.0), []
    flights = -(-count // FLIGHT_S)
    for number in range(count):
        flight, second = divmod(number, FLIGHT_S)
        at_s = now_s - NIGHT_S + flight * (NIGHT_S - 2 * 3600.0) / flights + second
        latitude_deg = CENTRE[0] + (0.0 if here else 0.01 * (flight % 20)) + second * 1e-5
        made.append((at_s, air.message(f"9ZZZ8NIGHT{flight:04d}", latitude_deg, CENTRE[1], at_s).payload))
    return [payload for _, payload in sorted(made, key=lambda one: one[0])]


async def _live(port: int, stop: asyncio.Event) -> None:
    """A drone in the zone, from now on, once a second."""
    air = Air(0.0)
    async with aiomqtt.Client("127.0.0.1", port) as mast:
        for second in range(int(GIVEN_UP_S)):
            if stop.is_set():
                return
            await mast.publish(TOPIC, air.drone(float(second), wall_clock()).payload, qos=1)
            await asyncio.sleep(1.0)


async def backlog(folder: Path, count: int, *, here: bool) -> dict[str, Any]:
    """One run; what was measured."""
    stop, enough = asyncio.Event(), asyncio.Event()
    with deployed_mosquitto(folder) as broker, embedded(folder / "db") as url:
        port = broker.port
        await _queue(port, night(count, wall_clock(), here=here))
        settings = MqttSettings(
            host="127.0.0.1", port=port, identifier=SESSION, topics=("airspace/v1/+/sensor/+/detection",)
        )
        assembly = app.Assembly(
            url=url,
            privacy=PRIVACY,
            rulebook=app.Rulebook([zone_file(folder)], []),
            sensors=[Sensor(sensor_id="mast", name="mast", kind="remote_id")],
            sources=[MqttSource(settings, clock=wall_clock)],
            channels=[],
            settings=config.Settings(console=config.Console(port=0)),
        )
        start_s, cpu_s = wall_clock(), time.process_time()
        running = asyncio.create_task(app.serve(assembly, stop))
        flying = asyncio.create_task(_live(port, enough))
        times = await _watch(url, start_s, count, running)
        cpu_s = time.process_time() - cpu_s
        enough.set()
        await flying
        async with await connect(url) as connection:
            counting_s = time.monotonic()
            while await past.count(connection, PRIVACY, quiet_s=0.0):
                pass
            counting_s = time.monotonic() - counting_s
            measured = await _found(connection)
        stop.set()
        await running
    more = {"messages": count, "night": (count + FLIGHT_S - 3) // FLIGHT_S, "cpu_s": round(cpu_s, 2)}
    return measured | times | more | {"counting_s": round(counting_s, 2)}


async def _watch(url: str, start_s: float, count: int, running: asyncio.Task[None]) -> dict[str, Any]:
    """Until the alert is there and all is drained, or time is up."""
    times: dict[str, Any] = {"alert_after_s": None, "drained_after_s": None}
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while None in times.values() and not running.done() and wall_clock() - start_s < GIVEN_UP_S:
            await asyncio.sleep(0.05)
            for name, query in _ASKED.items():
                if times[name] is None and await _holds(connection, query, count):
                    times[name] = round(wall_clock() - start_s, 2)
    return times


_ASKED: Final = {
    "alert_after_s": f"select exists (select from outbox where line->>'uas_id' = '{PRIVACY.pseudonym('uas', SERIAL)}'"
    " and line->>'kind' = 'zone') and %s > 0",
    "drained_after_s": "select (select count(*) from detection where of_the_past)"
    " + (select coalesce(sum(n), 0) from reject_count) >= %s",
}


async def _holds(connection: psycopg.AsyncConnection[Any], query: str, count: int) -> bool:
    try:
        found = await (await connection.execute(query.encode(), (count,))).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        return False
    return bool(found and found[0])


async def _found(connection: psycopg.AsyncConnection[Any]) -> dict[str, Any]:
    async def one(query: str) -> Any:
        found = await (await connection.execute(query.encode())).fetchone()
        return found[0] if found else None

    drops = await connection.execute("select reason, sum(n)::bigint from reject_count group by 1 order by 1")
    return {
        "stored": await one("select count(*) from detection where of_the_past"),
        "live_stored": await one("select count(*) from detection where not of_the_past"),
        "refused": dict(await drops.fetchall()),
        "flights": await one("select count(*) from flight where counted and flight_id like 'past-%'"),
        "in_statistics": await one("select sum(flights)::bigint from daily_statistics"),
        "alerts": await one("select count(*) from alert where line->>'kind' <> 'coverage'"),
    }


def _checked(run: dict[str, Any]) -> dict[str, bool]:
    return {
        "every queued message was stored": run["stored"] == run["messages"] and not run["refused"],
        f"alert of the live drone within {ALERT_WITHIN_S:.0f} s of the start": run["alert_after_s"] is not None
        and run["alert_after_s"] <= ALERT_WITHIN_S,
        "no other alert": run["alerts"] == 1,
        "the flights of the night are counted": run["flights"] == run["night"],
        "and stand in the statistics": run["in_statistics"] == run["night"] + 1,
    }


async def case(folder: Path, quick: bool, *, here: bool) -> tuple[dict[str, Any], dict[str, bool]]:  # noqa: FBT001
    """A run of 50,001 messages, quick of a fifth."""
    run = await backlog(folder, QUEUED // 5 if quick else QUEUED, here=here)
    return run, _checked(run)
