"""A scripted view: a drone moves, an alert appears, a sensor falls silent. For tests, and to see the console by hand.

``python -m tests.dashboards.fake_view [--port 8481]`` serves it in real time. Time is a count of seconds from a fixed
evening; nothing reads a clock. Places are those of the demo, serial numbers have a maker code that does not exist.
"""

from __future__ import annotations

import argparse
import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import uvicorn

from airspace.model.standing import Standing
from airspace.model.track import Remark
from airspace.model.units import rfc3339
from airspace.model.verdict import VerdictValue
from airspace.model.zone import ZoneRole
from airspace.service.signs import signs_line
from dashboards.api.app import create_app
from dashboards.api.state import state_line
from tests.dashboards.fake_life import Life

START_S: Final = 1_777_660_200.0  # 2026-05-01 18:30 UTC
CENTRE: Final = (52.3144, 4.9419)
PILOT: Final = (52.3052, 4.9560)
NOT_ALLOWED: Final = "Not allowed: flying in the Schiphol CTR without an approved notice for this drone."
NIET_TOEGESTAAN: Final = (
    "Niet toegestaan: vliegt in de CTR Schiphol en er is geen goedgekeurde melding voor deze drone."
)
HOSTILE: Final = "<img src=x onerror=window.hacked=1>"
ALERT_AT: Final = 35
BOWL_AT: Final = 95
SILENT_AT: Final = 60
SENSORS: Final = (
    ("arena-noord", "Arena Noord", "remote_id", 52.3282, 4.9405, 2500.0),
    ("duivendrecht", "Duivendrecht", "remote_id", 52.3235, 4.9640, 2500.0),
    ("bijlmer", "Bijlmer", "remote_id", 52.3040, 4.9660, 2500.0),
    ("amstel", "Amstel", "remote_id", 52.3085, 4.9180, 2500.0),
)
TRUST: Final = (("geen vervalsing vermoed", "no spoofing suspected"), ("vervalsing vermoed", "spoofing suspected"))
Event = tuple[str, Any]


def metres(place: tuple[float, float], north_m: float, east_m: float) -> tuple[float, float]:
    """A place some metres away; good enough for a picture."""
    return (place[0] + north_m / 111_200, place[1] + east_m / (111_200 * math.cos(math.radians(place[0]))))


def ring(place: tuple[float, float], radius_m: float) -> list[list[float]]:
    """A circle as a closed GeoJSON ring."""
    turns = [2 * math.pi * step / 64 for step in range(65)]
    return [[lon, lat] for lat, lon in (metres(place, radius_m * math.cos(t), radius_m * math.sin(t)) for t in turns)]


class FakeView:
    """Implements ``airspace.model.ports.View``; ``advance`` moves its time and tells every subscriber."""

    def __init__(self) -> None:
        self.elapsed_s = 0
        self.acts: list[dict[str, Any]] = []
        self.lives: dict[str, Life] = {}  # what people did, by alert id
        self.gone: dict[str, tuple[int, str]] = {}  # alert id -> when its drone left the air, and how: landed, lost
        self.flood = 0  # drones of a flood of ghosts
        self.stalled_at: int | None = None  # since then the pipeline stands still, and only the status goes on
        self.parts: dict[str, str] = {}  # those that are down
        self.troubles: list[dict[str, Any]] = []  # parts that are not well
        self.silences: list[dict[str, Any]] = []  # why nobody can say what is allowed
        self.no_room = 0  # detections of the last minute that nothing follows
        self.swarm = False  # of ghosts, told as one alert without a track
        self.down = False  # the live stream tells nothing more
        self._queues: set[asyncio.Queue[Event]] = set()

    # what moves

    def _hobby(self) -> tuple[float, float]:
        way = min(max(self.elapsed_s - 10, 0), 85) / 85
        return (
            PILOT[0] + (CENTRE[0] - PILOT[0]) * way,
            PILOT[1] + (CENTRE[1] - PILOT[1]) * way,
        )

    def _ago(self, seconds: float) -> str:
        return rfc3339(START_S + self.elapsed_s - seconds)

    def _track(self, track_id: str, place: tuple[float, float], **known: Any) -> dict[str, Any]:
        line: dict[str, Any] = dict.fromkeys(
            (
                "altitude_wgs84_m",
                "vertical_speed_m_s",
                "status",
                "eu_category",
                "eu_class",
                "uas_id",
                "uas_id_type",
                "operator_id",
                "operator_latitude_deg",
                "operator_longitude_deg",
                "operator_location_type",
                "ellipse_major_m",
                "ellipse_minor_m",
                "ellipse_deg",
                "bearing_deg",
                "bearing_accuracy_deg",
                "bearing_latitude_deg",
                "bearing_longitude_deg",
                "confidence",
                "verdict",
                "notice_id",
                "pilot",
                "height_agl_m",
                "height_sigma_m",
                "skew_s",
            )
        )
        return line | {
            "track_id": track_id,
            "flight_id": f"flight-{track_id}",
            "state": "confirmed",
            "first_seen": rfc3339(START_S),
            "last_seen": self._ago(1),
            "airborne": True,
            "phase": "airborne",
            "latitude_deg": place[0],
            "longitude_deg": place[1],
            "horizontal_accuracy_m": 3.0,
            "height_m": 60.0,
            "height_reference": "takeoff",
            "speed_m_s": 0.4,
            "track_deg": None,
            "ua_type": "multirotor",
            "source": "remote_id",
            "sensors": ["arena-noord", "amstel"],
            "sightings": 100,
            "fixes": 90,
            "remarks": [],
            "suspect": False,
            **known,
        }

    def _without_identity(self) -> list[dict[str, Any]]:
        """One known by its direction, one by an ellipse."""
        nameless = {"source": "rf", "confidence": 0.8, "verdict": "suspected", "airborne": False, "phase": "heard"}
        finder = metres(CENTRE, -900, 1400)
        direction = {
            "latitude_deg": None,
            "longitude_deg": None,
            "bearing_deg": 300.0,
            "bearing_accuracy_deg": 3.0,
            "bearing_latitude_deg": finder[0],
            "bearing_longitude_deg": finder[1],
        }
        ellipse = {"ellipse_major_m": 240.0, "ellipse_minor_m": 90.0, "ellipse_deg": 30.0}
        return [
            self._track("t-direction", CENTRE, **nameless, **direction),
            self._track("t-ellipse", metres(CENTRE, 700, -500), **nameless, **ellipse),
        ]

    def tracks(self) -> list[dict[str, Any]]:
        t = self.elapsed_s
        inspection = metres(CENTRE, -250 + 120 * math.sin(t / 20), -1050 + 160 * math.cos(t / 20))
        lines = [
            self._track(
                "t-broadcast",
                metres(CENTRE, 190, 330),
                verdict="allowed",
                notice_id="N-1",
                height_agl_m=45.0,
                height_sigma_m=3.0,
            ),
            self._track(
                "t-inspection",
                inspection,
                verdict="allowed",
                notice_id="N-2",
                speed_m_s=6.0,
                track_deg=(90 + math.degrees(t / 20)) % 360,
            ),
            self._track(
                "t-heli",
                metres(CENTRE, -2300, -2600 + 30 * t),
                source="adsb",
                speed_m_s=30.0,
                track_deg=90.0,
                uas_id="HEMS1",
                sensors=["adsb-1"],
            ),
        ]
        if 5 <= t < 10:  # its controller is on
            nowhere = {"latitude_deg": None, "longitude_deg": None, "height_m": None, "flight_id": None}
            pilot = self._pilot("live", PILOT)
            lines.append(self._track("t-hobby", PILOT, phase="controller_on", airborne=False, pilot=pilot, **nowhere))
        if t >= 20:
            lines += self._without_identity()
        if t >= 10:
            lines.append(
                self._track(
                    "t-hobby",
                    self._hobby(),
                    speed_m_s=12.0 if t < BOWL_AT else 0.3,
                    track_deg=317.0,
                    eu_class="C1",
                    verdict="violation" if t >= ALERT_AT else None,
                    height_agl_m=62.0,
                    height_sigma_m=8.0,
                    self_id=HOSTILE,
                    uas_id="ZZQX5DEMO1",
                    pilot=self._pilot("live", PILOT),
                    sensors=["duivendrecht", "bijlmer", "arena-noord"],
                )
            )
        if t >= 50:
            lines.append(
                self._track(
                    "t-second",
                    metres(CENTRE, 900, -700),
                    verdict="suspected",
                    speed_m_s=4.0,
                    track_deg=60.0,
                    last_seen=self._ago(max(1, t - 70)),
                    pilot=self._pilot("takeoff", metres(CENTRE, 1300, -1250)),
                    height_agl_m=38.0,
                    height_sigma_m=15.0,
                )
            )
            lines.append(self._track("t-grey", metres(CENTRE, -700, 150), verdict="not_decidable"))
            signs = {"suspect": True, "remarks": ["too_fast", "skew"]}
            lines.append(self._track("t-ghost", metres(CENTRE, 420, -330), track_deg=10.0, **signs))
        return lines

    def _pilot(self, kind: str, place: tuple[float, float]) -> dict[str, Any]:
        return {"latitude_deg": place[0], "longitude_deg": place[1], "kind": kind, "accuracy_m": 10.0}

    def _alert(self, alert_id: str, opened_at: int, **known: Any) -> dict[str, Any]:
        life, gone = self.lives.get(alert_id, Life()), self.gone.get(alert_id)
        ended = None if gone is None else rfc3339(START_S + gone[0])
        if gone is not None and life.acknowledgement == "nobody":  # nobody took it: it closes by itself
            life = replace(life, state="closed", closed=ended, outcome=gone[1])
        sentences = {"matter_nl": known["sentence_nl"], "matter_en": known["sentence_en"]}
        return {
            "alert_id": alert_id,
            "record_id": f"{alert_id}.1",
            "episode": 1,
            "revision": 1 + len([act for act in self.acts if act["alert_id"] == alert_id]),
            "time": life.closed or life.taken_since or rfc3339(START_S + opened_at),
            "state": life.state or "opened",
            "condition": "there" if gone is None else "gone",
            "ended": ended,
            "part_of": None,
            "count": None,
            "kind": "zone",
            "verdict": "violation",
            "reason": "no_notice",
            "priority": 70,
            "priority_factors": [{"name": "zone", "points": 50}, {"name": "crowd", "points": 20}],
            "track_id": None,
            "flight_id": None,
            "uas_id": None,
            "group": "ctr-schiphol",
            "zone_id": "EHAM-CTR",
            "zone_name": "CTR Schiphol",
            "zone_version": "0123456789ab",
            "zone_role": "none",
            "rule": "zone",
            "rule_version": "1",
            "notice_id": None,
            "notice_gap": None,
            "latitude_deg": None,
            "longitude_deg": None,
            "height_agl_m": None,
            "height_sigma_m": None,
            "pilot": None,
            "first_seen": rfc3339(START_S + 10),
            "last_seen": self._ago(1) if gone is None else ended,
            "opened": rfc3339(START_S + opened_at),
            "sensors": [],
            **sentences,
            **known,
            **life.line(),
            "evidence": known.get("evidence", {}) | life.line()["evidence"],
        }

    def _flood_lines(self) -> list[dict[str, Any]]:
        """The flood's own alert, and the ghosts' that are folded into it."""
        if not self.flood:
            return []
        words = {
            "sentence_nl": f"Stortvloed van {self.flood} nieuwe drones sinds 20:31. Er kunnen echte bij zijn.",
            "sentence_en": f"A flood of {self.flood} new drones since 20:31. Single ones may be real.",
        }
        card = self._alert(
            "a-flood", 55, kind="spoofing", verdict="situation", reason="flood", priority=70, count=self.flood, **words
        )
        ghosts = [
            self._alert(
                f"a-ghost-{number}",
                55,
                track_id=f"t-ghost-{number}",
                part_of="a-flood",
                priority=50,
                sentence_nl=NIET_TOEGESTAAN,
                sentence_en=NOT_ALLOWED,
            )
            for number in range(self.flood)
        ]
        return [card, *ghosts]

    def alerts(self) -> list[dict[str, Any]]:
        t = self.elapsed_s
        lines = []
        place = self._hobby()
        here: dict[str, Any] = {
            "track_id": "t-hobby",
            "latitude_deg": place[0],
            "longitude_deg": place[1],
            "height_agl_m": 62.0,
            "height_sigma_m": 8.0,
            "pilot": self._pilot("live", PILOT),
            "sensors": ["duivendrecht", "bijlmer", "arena-noord"],
        }
        if t >= ALERT_AT:
            lines.append(
                self._alert(
                    "a-ctr",
                    ALERT_AT,
                    sentence_nl=NIET_TOEGESTAAN,
                    sentence_en=NOT_ALLOWED,
                    **here,
                )
            )
            lines.append(
                self._alert(
                    "a-bowl" if t >= BOWL_AT else "a-ring",
                    ALERT_AT,
                    sentence_nl="Vliegt boven het publiek in de ArenA."
                    if t >= BOWL_AT
                    else "Vliegt in de ring om de ArenA.",
                    sentence_en="Flying over the crowd in the ArenA."
                    if t >= BOWL_AT
                    else "Flying in the ring round the ArenA.",
                    verdict="situation",
                    reason="inside_fence",
                    zone_role="bowl" if t >= BOWL_AT else "ring",
                    zone_name="ArenA",
                    priority=91 if t >= BOWL_AT else 64,
                    **here,
                )
            )
        if t >= 50:
            spot = metres(CENTRE, 900, -700)
            lines.append(
                self._alert(
                    "a-second",
                    50,
                    track_id="t-second",
                    verdict="suspected",
                    reason="notice_wrong_place",
                    priority=46,
                    sentence_nl="Vliegt 140 m buiten het gemelde gebied.",
                    sentence_en="Flying 140 m outside the notified area.",
                    notice_id="N-2026-0412",
                    notice_gap={"metres": 140.0, "minutes": None, "identity": None, "state": None},
                    latitude_deg=spot[0],
                    longitude_deg=spot[1],
                    height_agl_m=38.0,
                    height_sigma_m=15.0,
                    pilot=self._pilot("takeoff", metres(CENTRE, 1300, -1250)),
                    sensors=["arena-noord"],
                    last_seen=self._ago(max(1, t - 70)),
                )
            )
        if self.swarm:
            lines.append(
                self._alert(
                    "a-swarm",
                    50,
                    kind="spoofing",
                    verdict="suspected",
                    reason="spoof_signs",
                    priority=45,
                    zone_id=None,
                    zone_name=None,
                    sentence_nl="Signaal niet betrouwbaar: 15 drones tegelijk, waarschijnlijk uit één zender.",
                    sentence_en="Signal not reliable: 15 drones at once, probably from one transmitter.",
                    evidence={"tracks": 15, "remarks": ["skew"]},
                )
            )
        if t >= SILENT_AT:
            lines.append(
                self._alert(
                    "a-coverage",
                    SILENT_AT,
                    kind="coverage",
                    verdict="situation",
                    reason="sensor_silent",
                    zone_id=None,
                    zone_name=None,
                    priority=30,
                    sentence_nl="Sensor Arena Noord zwijgt 4 minuten: zicht beperkt.",
                    sentence_en="Sensor Arena Noord has been silent for 4 minutes: coverage reduced.",
                    sensors=["arena-noord"],
                )
            )
        return sorted(lines + self._flood_lines(), key=lambda line: (_rank(line), -line["priority"]))

    def zones(self) -> dict[str, Any]:
        ctr = [[4.62, 52.20], [4.99, 52.25], [4.985, 52.33], [4.972, 52.42], [4.70, 52.46], [4.62, 52.20]]
        return {
            "type": "FeatureCollection",
            "cannot_say": [],
            "features": [
                _zone("EHAM-CTR", "CTR Schiphol", "legal", "none", ctr),
                _zone("ring", "ArenA ring", "alert_only", "ring", ring(CENTRE, 1500)),
                _zone("bowl", "ArenA", "alert_only", "bowl", ring(CENTRE, 130)),
            ],
        }

    def sensors(self) -> list[dict[str, Any]]:
        silent = self.elapsed_s >= SILENT_AT
        return [
            {
                "sensor_id": sensor_id,
                "name": name,
                "kind": kind,
                "latitude_deg": lat,
                "longitude_deg": lon,
                "range_m": range_m,
                "ok": not (silent and sensor_id == "arena-noord"),
                "last_seen": self._ago(240 if silent and sensor_id == "arena-noord" else 2),
                "silent_s": 240.0 if silent and sensor_id == "arena-noord" else 2.0,
            }
            for sensor_id, name, kind, lat, lon, range_m in SENSORS
        ]

    def notices(self) -> list[dict[str, Any]]:
        return [{"notice_id": "N-2026-0412", "state": "approved"}]

    def _drones(self) -> list[Standing]:
        """As the page's map has it: what the alerts say of drones in the air, whatever people did."""
        there = [line for line in self.alerts() if line["track_id"] and line["condition"] == "there"]
        return [
            Standing(line["track_id"], VerdictValue(line["verdict"]), ZoneRole(line["zone_role"])) for line in there
        ]

    def status(self) -> dict[str, Any]:
        alerts, sensors, drones = self.alerts(), self.sensors(), self._drones()
        tick_age_s = 0.4 if self.stalled_at is None else 0.4 + self.elapsed_s - self.stalled_at
        handled = {line["track_id"] for line in alerts if _rank(line) == 1}
        return {
            "time": rfc3339(START_S + self.elapsed_s),
            "mode": "enforcement",
            "state": state_line(drones, sensors, self.no_room, tick_age_s),
            "seq": self.elapsed_s if self.stalled_at is None else self.stalled_at,
            "tick_age_s": tick_age_s,
            "troubles": self.troubles,
            "drones": len({drone.track_id for drone in drones}),
            "handled": len(handled & {drone.track_id for drone in drones}),
            "waiting_outcome": sum(_rank(line) == 0 and line["condition"] == "gone" for line in alerts),
            "open_alerts": sum(
                _rank(line) == 0 and line["kind"] != "coverage" and line["part_of"] is None for line in alerts
            ),
            "authorised_now": 2,
            "authorised_limit": 2,
            "sensors_ok": sum(sensor["ok"] for sensor in sensors),
            "sensors": len(sensors),
            "no_room": self.no_room,
            "cannot_say": self.silences,
            "data_age_s": 0.6,
            "day": {"date": "2026-05-01", "flights": 23, "unauthorised": 4, "suspected": 2, "detections": 48_210},
            "city": "Amsterdam",
            "centre": [CENTRE[1], CENTRE[0]],
            "zoom": 13,
        }

    def ready(self) -> dict[str, Any]:
        return {"ready": not self.parts, "parts": {name: broken_part(what) for name, what in self.parts.items()}}

    def explain(self, track_id: str, time_s: float | None) -> dict[str, Any]:
        track = next((one for one in self.tracks() if one["track_id"] == track_id), None)
        if track is None:
            raise KeyError(track_id)
        if time_s is not None:
            raise ValueError("only the last picture is kept: ask without a time")
        doubted = track_id in {"t-second", "t-ghost"}
        return {
            "track_id": track_id,
            "uas_id": track["uas_id"],
            "time": self._ago(0),
            "sentence_nl": NIET_TOEGESTAAN,
            "sentence_en": NOT_ALLOWED,
            "height": {"agl_m": 50.0, "sigma_m": 1.5, "source": "ground"},
            "signal": [
                _condition("airborne", "in de lucht", "in the air", passed=True),
                _condition("trusted", *TRUST[doubted], passed=not doubted),
            ],
            "signs": signs_line(int(Remark.TOO_FAST | Remark.SKEW), suspect=True)
            if doubted
            else signs_line(0, suspect=False),
            "notice": None,
            "rules": [
                {
                    "rule": "ctr_open",
                    "rule_version": "1",
                    "article": "(EU) 2019/947 art. 15",
                    "group": "ctr-eham",
                    "group_name_nl": "de CTR Schiphol",
                    "group_name_en": f"the Schiphol CTR {HOSTILE}",
                    "zone_id": "7.2",
                    "applies": True,
                    "verdict": "violation",
                    "reason": "no_notice",
                    "conditions": [
                        _condition("place", "2,7 km binnen de grens", "2.7 km inside the edge", passed=True),
                        _condition("notice", "geen melding", "no notice", passed=False),
                    ],
                    "needs": {"fixes": 2, "seconds": 0.0, "margin": "one standard deviation"},
                    "evidence": {},
                }
            ],
            "cannot_say": [],
            "versions": [{"source": "zones.json", "version": "0123456789ab"}],
        }

    async def command(
        self,
        kind: str,
        alert_id: str,
        by: str,
        note: str | None,
        outcome: str | None,
        *,
        instead_of: str | None = None,
        to: str | None = None,
    ) -> dict[str, Any]:
        alert_id = alert_id.removesuffix(".1")  # a record's id names the same
        if alert_id not in {alert["alert_id"] for alert in self.alerts()}:
            raise KeyError(alert_id)
        added = {name: value for name, value in (("instead_of", instead_of), ("to", to)) if value is not None}
        asked = {"note": note, "outcome": outcome, **added}
        life = self.lives.setdefault(alert_id, Life())
        life.act(kind, by, self._ago(0), asked, gone=alert_id in self.gone)
        self.acts.append({"kind": kind, "alert_id": alert_id, "by": by, **asked})
        told = next(alert for alert in self.alerts() if alert["alert_id"] == alert_id)
        self.tell(("alert", told))
        return told

    # telling

    def advance(self, seconds: int = 1) -> None:
        """Move time second by second, telling the picture at each; of one that stands still the status alone."""
        for _ in range(seconds):
            self.elapsed_s += 1
            told = () if self.stalled_at is not None else (("tracks", self.tracks()), ("alerts", self.alerts()))
            for event in (*told, ("sensors", self.sensors())):
                self.tell(event)
            self.tell(("status", self.status()))

    def tell(self, event: Event) -> None:
        if self.down:
            return
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)

    async def subscribe(self) -> AsyncIterator[Event]:
        queue: asyncio.Queue[Event] = asyncio.Queue(maxsize=1000)
        self._queues.add(queue)
        try:
            yield ("status", self.status())
            yield ("zones", self.zones())
            yield ("sensors", self.sensors())
            yield ("tracks", self.tracks())
            yield ("alerts", self.alerts())
            while True:
                yield await queue.get()
        finally:
            self._queues.discard(queue)


def _rank(line: dict[str, Any]) -> int:
    """0 open, 1 handled, 2 a record."""
    there, acknowledgement = line["condition"] == "there", line["acknowledgement"]
    if acknowledgement == "done":
        return 1 if there else 2
    return 0 if there or acknowledgement != "nobody" else 2


def _condition(name: str, nl: str, en: str, *, passed: bool | None) -> dict[str, Any]:
    return {
        "name": name, "passed": passed, "by": None, "unit": None, "sigma": None, "text_nl": nl, "text_en": en,
    }  # fmt: skip


def _zone(zone_id: str, name: str, kind: str, role: str, outline: list[list[float]]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"zone_id": zone_id, "name": name, "kind": kind, "role": role},
        "geometry": {"type": "Polygon", "coordinates": [outline]},
    }


async def main(port: int, start: int) -> None:
    """Serve the script in real time."""
    view = FakeView()
    view.advance(start)
    server = uvicorn.Server(uvicorn.Config(create_app(view), port=port, log_level="warning"))

    async def play() -> None:
        while True:
            await asyncio.sleep(1)
            view.advance()

    playing = asyncio.create_task(play())
    await server.serve()
    playing.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8481)
    parser.add_argument("--start", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(main(options.port, options.start))


def broken_part(what: str) -> dict[str, Any]:
    """A part that is down."""
    return {"state": "down", "since": "2026-05-01T18:59:00.000Z", "word": "link_lost", "what": what, "do": "Look."}
