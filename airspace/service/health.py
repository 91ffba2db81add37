"""The one register of how each part does. The state line, ``/readyz``, metrics and the log follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog

from airspace.model.health import TROUBLES, HealthLevel, PartState, Trouble
from airspace.model.text import safe_text
from airspace.service.clock import Clock

DETAIL_LETTERS: Final = 300
CHANNEL: Final = "channel:"
MOST_PARTS: Final = 500  # each is named by the configuration; more is a fault of ours

log = structlog.get_logger("airspace")


class Health:
    """What each part last said of itself, and since when. A change is logged once, a recovery too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._parts: dict[str, PartState] = {}

    def well(self, part: str) -> None:
        """The part does what it should."""
        self._set(part, None, "")

    def trouble(self, part: str, word: Trouble, detail: str = "") -> None:
        """Something is wrong with the part; said again it keeps its beginning."""
        self._set(part, word, safe_text(detail, DETAIL_LETTERS) or "")

    def forget(self, part: str) -> None:
        """The part is no more."""
        self._parts.pop(part, None)

    def parts(self) -> Mapping[str, PartState]:
        """Every part that ever said anything. What was told of one event is over after its time."""
        for part, state in list(self._parts.items()):
            if _is_over(state, self._clock()):
                self.well(part)
        return dict(self._parts)

    def ready(self) -> bool:
        """Whether all that must see, store and show does so. A channel that fails is told, and hides nothing."""
        return not any(
            state.level is HealthLevel.DOWN and not name.startswith(CHANNEL) for name, state in self.parts().items()
        )

    def blinding(self) -> tuple[str, ...]:
        """The parts for which no empty sky may be believed now."""
        return tuple(name for name, state in self.parts().items() if state.blinds)

    def deafening(self) -> tuple[str, ...]:
        """The links over which nothing, or only a part, has come for some seconds: some sensors are not heard."""
        now_s = self._clock()
        return tuple(name for name, state in self.parts().items() if state.deafens(now_s))

    def _set(self, part: str, word: Trouble | None, detail: str) -> None:
        before, now_s = self._parts.get(part), self._clock()
        if before is None and len(self._parts) >= MOST_PARTS:
            return
        goes_on = before is not None and before.trouble is word
        self._parts[part] = state = PartState(
            level=HealthLevel.OK if word is None else TROUBLES[word].level,
            since_s=before.since_s if before is not None and goes_on else now_s,
            told_s=now_s,
            trouble=word,
            detail=detail,
        )
        if not goes_on:
            _log_change(part, before, state)


def _is_over(state: PartState, now_s: float) -> bool:
    lasts_s = None if state.trouble is None else TROUBLES[state.trouble].lasts_s
    return lasts_s is not None and now_s - state.told_s > lasts_s


def _log_change(part: str, before: PartState | None, state: PartState) -> None:
    if state.trouble is None:
        if before is not None:
            log.info("well again", part=part, was=before.trouble, lasted_s=round(state.since_s - before.since_s, 1))
        return
    if state.trouble is Trouble.STARTING:
        log.info("starting", part=part)
        return
    say = log.error if state.level is HealthLevel.DOWN else log.warning
    say("trouble", part=part, word=state.trouble.value, detail=state.detail, do=state.do)
