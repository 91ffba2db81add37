"""An hour in which everything round the service is killed in turn, and one who knows the truth watches the wall.

Two hundred messages a second of three sensors (senders.py), over MQTT, TCP and HTTP. Every two minutes the next of
those sensors, the database, the broker and Grafana (a stand-in: tests/servers/grafana.py) is killed, and started again
25 seconds later; each three and a half minutes a drone flies into a prohibited zone. Each second the state is asked
for, as the wall gets it, and what it says is held against what is broken just then.

At the end what the sensors had been told is safe is looked for in the database, and every incursion among the alerts
and Grafana's annotations. Quick: seven minutes, a kill every seventy seconds.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg

from airspace.service.clock import wall_clock
from airspace.store.embedded import embedded
from bench.night.senders import DRONES, intrudes, lands
from bench.night.world import Victim, world
from tests.servers.grafana import Recorder
from tests.servers.service import wait_for

AWAY_S: Final = 25.0
WELL_WITHIN_S: Final = 30.0  # after everything is back
FLAT_MB: Final = 30.0
STANDS_S: Final = 330.0  # a drone that nobody heard land stands for five minutes


@dataclass
class Seen:
    """What the watcher wrote down."""

    looks: int = 0
    clear: int = 0
    clear_while_blind: list[str] = field(default_factory=list)
    ready_while_blind: list[str] = field(default_factory=list)
    unwell: dict[str, int] = field(default_factory=dict)  # states while nothing was broken and nobody intruded
    states: dict[str, dict[str, int]] = field(default_factory=dict)  # by what was away
    stands_until_s: float = 0.0  # a drone whose landing was not heard
    rss_mb: list[float] = field(default_factory=list)


async def case(folder: Path, quick: bool) -> tuple[dict[str, Any], dict[str, bool]]:  # noqa: FBT001
    """An hour, quick seven minutes."""
    seconds, every_s = (420.0, 70.0) if quick else (3600.0, 120.0)
    with world(folder) as (victims, url, port, service, grafana):
        wait_for(lambda: _asked(port, "/api/v1/status")[1].get("state") == "clear", "all is well at first")
        start_s, cpu_s = wall_clock(), sum(service.cpu_times()[:2])
        seen = Seen()
        watching = asyncio.create_task(_watch(port, victims, service, seen))
        for number in range(int(seconds // every_s)):
            await _until(start_s + number * every_s + every_s / 2)
            await _down_and_up(victims[number % len(victims)])
        await _until(start_s + seconds)
        watching.cancel()
        with suppress(asyncio.CancelledError):  # and nothing else that it may have ended of
            await watching
        cpu_s = sum(service.cpu_times()[:2]) - cpu_s
    with embedded(folder / "db") as url:
        run = _looked_up(url, folder, grafana.kept)
    run |= {"seconds": seconds, "cpu_s": round(cpu_s, 1), "kills": int(seconds // every_s)} | _watched(seen)
    return run, _checked(run)


async def _until(at_s: float) -> None:
    await asyncio.sleep(max(0.0, at_s - wall_clock()))


async def _down_and_up(victim: Victim) -> None:
    victim.away_since_s = wall_clock()
    await asyncio.to_thread(victim.kill)
    await asyncio.sleep(AWAY_S)
    await asyncio.to_thread(victim.start)
    victim.back_s, victim.away_since_s = wall_clock(), None


def _asked(port: int, path: str) -> tuple[int, dict[str, Any]]:
    """Status code and body; 0 where nobody answers in time."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=4) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {}
    except OSError:
        return 0, {}


async def _watch(port: int, victims: list[Victim], service: psutil.Process, seen: Seen) -> None:
    """Once a second what is told, against what is true. What is asked during a change counts as before it."""
    while True:
        now_s = wall_clock()
        away = {one.name: now_s - one.away_since_s for one in victims if one.away_since_s is not None}
        blind = [one.name for one in victims if away.get(one.name, 0.0) > one.silent_s]
        _, status = await asyncio.to_thread(_asked, port, "/api/v1/status")
        ready, _ = await asyncio.to_thread(_asked, port, "/readyz")
        state = str(status.get("state", "no answer"))
        _note(seen, state, ready, blind, away, victims)
        seen.rss_mb.append(service.memory_info().rss / 1e6)
        await _until(now_s + 1.0)


def _note(seen: Seen, state: str, ready: int, blind: list[str], away: dict[str, float], victims: list[Victim]) -> None:
    seen.looks += 1
    seen.clear += state == "clear"
    for name in away:
        told = seen.states.setdefault(name, {})
        told[state] = told.get(state, 0) + 1
    at = f"{time.strftime('%H:%M:%S')} {blind}"
    if blind and state == "clear":
        seen.clear_while_blind.append(at)
    if "database" in blind and ready == 200:
        seen.ready_while_blind.append(at)
    now_s = wall_clock()
    if lands(now_s) and {"mast", "broker", "database"} & set(away):
        seen.stands_until_s = now_s + STANDS_S
    settled = not away and all(now_s - one.back_s > WELL_WITHIN_S for one in victims)
    quiet = not intrudes(now_s) and not intrudes(now_s - WELL_WITHIN_S) and now_s > seen.stands_until_s
    if settled and quiet:
        seen.unwell[state] = seen.unwell.get(state, 0) + 1


def _watched(seen: Seen) -> dict[str, Any]:
    third = len(seen.rss_mb) // 3
    early, late = seen.rss_mb[third : third + third // 2], seen.rss_mb[-third // 2 :]
    return {
        "looks": seen.looks,
        "clear": seen.clear,
        "clear_while_blind": seen.clear_while_blind,
        "ready_while_blind": seen.ready_while_blind,
        "states_while_well": seen.unwell,
        "states_while_away": seen.states,
        "rss_first_mb": round(seen.rss_mb[0]),
        "rss_settled_mb": round(sum(early) / len(early)),
        "rss_last_mb": round(sum(late) / len(late)),
        "rss_max_mb": round(max(seen.rss_mb)),
    }


_STORED: Final = (
    "select uas_id, extract(epoch from date_trunc('second', time + interval '0.05 s'))::bigint from detection"
)


def _looked_up(url: str, folder: Path, grafana: Recorder) -> dict[str, Any]:
    """What was promised to be safe, against what is stored; every incursion, against what was told."""
    promised = {tuple(line.split()) for feed in DRONES for line in (folder / feed).read_text().splitlines()}
    with psycopg.connect(url) as connection:
        query = (
            "select uas_id, extract(epoch from date_trunc('second', time + interval '0.05 s'))::bigint from detection"
        )
        rows = [(str(serial), str(second)) for serial, second in connection.execute(query)]
        flights = connection.execute(
            "select count(*), count(distinct pseudonym) from flight where counted"
        ).fetchone() or (0, 0)
        alerts = connection.execute(
            "select line->>'uas_id', count(distinct line->>'record_id'), count(distinct line->>'episode'),"
            " min((line->>'raised')::timestamptz) from alert where line->>'kind' <> 'coverage' group by 1"
        ).fetchall()
        refused = connection.execute("select reason, sum(n)::bigint from reject_count group by 1").fetchall()
    stored = set(rows)
    intruders = {serial for serial, _ in stored if serial.startswith("9ZZZ8I")}
    return {
        "messages": len(promised),
        "stored": len(rows),
        "lost": len(promised - stored),
        "doubled": len(rows) - len(stored),
        "refused": dict(refused),
        "drones": len({serial for serial, _ in stored}),
        "flights": flights[0],
        "flights_of_a_drone_twice": flights[0] - flights[1],
        "intruders": len(intruders),
        "intruders_told": len({alert[0] for alert in alerts} & intruders),
        "others_told": sorted({str(alert[0]) for alert in alerts} - intruders),
        "records_doubled": [alert[0] for alert in alerts if alert[1] > 1],
        "episodes": sum(alert[2] for alert in alerts),
        "annotations": len(grafana.annotations),
        "annotations_open": len(grafana.open_annotations()),
    }


def _checked(run: dict[str, Any]) -> dict[str, bool]:
    return {
        "0 lost": run["lost"] == 0,
        "0 doubled": run["doubled"] == 0,
        "0 refused": not run["refused"],
        "no drone has two flights": run["flights_of_a_drone_twice"] == 0,
        "every intruder is told, nobody else, nobody twice": run["intruders_told"] == run["intruders"]
        and not run["others_told"]
        and not run["records_doubled"],
        "never clear while blind": not run["clear_while_blind"],
        "never ready while the database is away": not run["ready_while_blind"],
        "clear whenever all is well": set(run["states_while_well"]) == {"clear"},
        "memory is flat": run["rss_last_mb"] - run["rss_settled_mb"] < FLAT_MB,
    }
