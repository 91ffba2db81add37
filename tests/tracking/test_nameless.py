"""What the picture makes of a tick's news about emitters."""

from __future__ import annotations

from typing import Any

import numpy as np

from airspace.model.detection import IdType, Source, texts
from airspace.model.track import TrackEventKind, TrackState
from airspace.tracking.emitters import News, Table
from airspace.tracking.nameless import Nameless
from airspace.tracking.picture import Picture
from airspace.tracking.slots import Slots, track_id
from airspace.tracking.unidentified.settings import Settings
from tests.airspace.rows import ARENA, START_S, batch, rows

BEARING = {"source": 3, "bearing_deg": 10.0, "bearing_accuracy_deg": 2.0, "sensor_latitude_deg": 52.3}


def table(*numbers: int) -> Table:
    """Emitters of which nothing is known but that they were heard."""
    columns: dict[str, Any] = {}
    for name, kind in Table.__annotations__.items():
        columns[name] = {
            "Numbers": np.full(len(numbers), np.nan),
            "Booleans": np.ones(len(numbers), dtype=np.bool_),
            "Texts": texts([None] * len(numbers)),
        }.get(kind, np.ones(len(numbers), dtype=np.int64))
    return Table(**columns | {"number": np.array(numbers, dtype=np.int64)})


class Scripted:
    """Emitters whose news are written down."""

    def __init__(self, *news: News) -> None:
        self._news = list(news)

    def take(self, _: Any, chosen: Any, *__: Any) -> Any:
        return chosen, chosen

    def tick(self, *_: Any) -> News:
        return self._news.pop(0)


def test_two_directions_may_become_one_and_then_a_drone_that_names_itself_in_one_tick() -> None:
    """The second finder's direction goes into the first's, and that one into the drone: nobody is left over."""
    slots = Slots()
    drone = slots.open(0, b"drone")
    slots.state.state[drone] = TrackState.CONFIRMED
    number = int(slots.state.number[drone])
    nobody = np.empty(0, dtype=np.int64)
    nameless = Nameless(slots, {}, Settings())
    nameless._emitters = Scripted(  # type: ignore[assignment]  # as far as it is asked
        News(seq=np.array([1, 2]), owner=np.array([1, 2]), explained=np.array([-1, -1]), table=table(1, 2)),
        News(seq=nobody, owner=nobody, explained=nobody, table=table(), joined=((2, 1),), merged=((1, number),)),
    )
    heard = rows(*({**BEARING, "content_id": name} for name in (b"one", b"two")))
    nameless.take(heard, np.array([1, 2]), np.array([0, 1]), heard.received_s)
    _, seen = nameless.tick(3, START_S + 1)
    assert seen.tracks.track_id.tolist() == [track_id(b"one", 1), track_id(b"two", 2)]
    events, _ = nameless.tick(3, START_S + 2)
    first = int(seen.tracks.number[0])
    assert [(event.kind, event.into) for event in events] == [
        (TrackEventKind.MERGED, first),
        (TrackEventKind.MERGED, number),
    ]
    assert slots.live().tolist() == [drone]


def test_an_id_of_no_known_kind_is_an_id_wherever_it_stands() -> None:
    """A tail number in a SAPIENT report, with a place: nobody would follow it if it were taken for nameless."""
    picture = Picture()
    for second in range(3):
        row = {"source": int(Source.SAPIENT), "uas_id": "PH-1AB", "uas_id_type": int(IdType.UNKNOWN)}
        place = {"latitude_deg": ARENA[0], "longitude_deg": ARENA[1]}
        now_s = START_S + second
        live = picture.step(batch({**row, **place, "received_s": now_s}, tick_s=now_s + 1.0)).live
    assert live is not None
    assert live.uas_id.tolist() == ["PH-1AB"]
    assert live.state.tolist() == [TrackState.CONFIRMED]
