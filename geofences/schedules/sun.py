"""Sunrise, sunset and civil twilight as schedules name them.

Astral reckons them, for an observer at sea level with refraction, to within a minute or two of the almanac in our
latitudes; whole seconds, so that every machine says the same. Civil twilight begins and ends with the sun 6 degrees
below the horizon (ED-318 BMCT, EECT; SERA article 2, 97: night lies between the two).

An event is of the day on which its noon falls: where dusk comes after midnight (Helsinki in June), it is still that of
the evening before. Left out: hills and heights that hide the horizon.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from astral import Observer, SunDirection
from astral.sun import noon, time_at_elevation

from airspace.model.zone import SunEvent

_HORIZON_DEG: Final = -16 / 60  # half the sun's disc of 32 minutes of arc; astral adds the refraction
_TWILIGHT_DEG: Final = -6.0
_EVENTS: Final = {
    SunEvent.BMCT: (_TWILIGHT_DEG, SunDirection.RISING),
    SunEvent.SR: (_HORIZON_DEG, SunDirection.RISING),
    SunEvent.SS: (_HORIZON_DEG, SunDirection.SETTING),
    SunEvent.EECT: (_TWILIGHT_DEG, SunDirection.SETTING),
}
_DAY: Final = timedelta(days=1)
_HALF_DAY: Final = timedelta(hours=12)


def moment_s(event: SunEvent, day: date, clock: tzinfo, place: tuple[float, float]) -> float | None:
    """Epoch seconds of an event at (latitude, longitude) on a local day; None where the sun does not make it."""
    observer = Observer(latitude=place[0], longitude=place[1])
    midday = _noon(observer, day, clock)
    elevation_deg, direction = _EVENTS[event]
    for utc_day in (midday.date(), midday.date() - _DAY, midday.date() + _DAY):
        try:
            moment = time_at_elevation(observer, elevation_deg, utc_day, direction)
        except ValueError:  # the sun stays above, or below
            return None
        after_noon = moment - midday
        if timedelta() <= (after_noon if direction is SunDirection.SETTING else -after_noon) < _HALF_DAY:
            return float(round(moment.timestamp()))
    return None


def _noon(observer: Observer, day: date, clock: tzinfo) -> datetime:
    """The noon that falls on a local day, in UTC: near the date line it is that of another UTC day."""
    noons = [noon(observer, utc_day) for utc_day in (day, day - _DAY, day + _DAY)]
    return next((each for each in noons if each.astimezone(clock).date() == day), noons[0])
