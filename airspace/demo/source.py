"""The scenario as a live source, and the clock it goes by: story seconds pass ``speed`` times as fast as seconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from airspace.demo.scenario import LENGTH_S, scenario
from airspace.model.message import RawMessage

PAUSE_S: Final = 20.0  # between two tellings of the story


class DemoClock:
    """A wall clock that may run faster."""

    def __init__(self, wall: Callable[[], float], speed: float) -> None:
        self._wall = wall
        self._speed = speed
        self._start_s = wall()

    def __call__(self) -> float:
        """UTC epoch seconds of the story."""
        return self._start_s + (self._wall() - self._start_s) * self._speed

    def seconds(self, story_s: float) -> float:
        """How long so much of the story takes."""
        return story_s / self._speed


@dataclass(frozen=True, slots=True)
class _Delivery:
    messages: tuple[RawMessage, ...]

    async def acknowledge(self) -> None:
        """The story needs no acknowledgement: it is told again."""


class DemoSource:
    """The story, again and again; a new flight each time. ``on_loop`` is told when each telling starts."""

    name = "demo"

    def __init__(self, clock: DemoClock, on_loop: Callable[[float], None]) -> None:
        self._clock = clock
        self._on_loop = on_loop

    async def deliveries(self) -> AsyncIterator[_Delivery]:
        """Each message at its time."""
        loop = 0
        while True:
            start_s = self._clock()
            self._on_loop(start_s)
            for offset_s, topic, payload in scenario(start_s, loop=loop):
                wait_s = start_s + offset_s - self._clock()
                if wait_s > 0:
                    await asyncio.sleep(self._clock.seconds(wait_s))
                sensor = topic.split("/")[2]  # for those whose payload does not say
                message = RawMessage(payload=payload, received_s=self._clock(), sensor=sensor, place=topic)
                yield _Delivery((message,))
            await asyncio.sleep(max(0.0, self._clock.seconds(start_s + LENGTH_S + PAUSE_S - self._clock())))
            loop += 1
