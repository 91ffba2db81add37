"""Night: information on other verdicts, never a verdict of its own.

Rests on: Regulation (EU) 2019/947 article 2 (night: from the end of evening to the beginning of morning civil twilight)
and UAS.OPEN.060(2)(g): a green flashing light at night. Dutch rules on top of that are to be confirmed. The middle of
the sun more than 6 degrees under the horizon, without refraction, as civil twilight is defined. Cannot know: whether
the light is on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from astral import Observer
from astral.sun import elevation

RULE: Final = "night"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2019/947 art. 2, UAS.OPEN.060(2)(g)"
MARGIN: Final = "none: information"
CIVIL_TWILIGHT_DEG: Final = -6.0


def is_night(latitude_deg: float, longitude_deg: float, time_s: float) -> bool:
    """Whether civil twilight is over, or has not begun."""
    at = datetime.fromtimestamp(time_s, UTC)
    sun_deg = elevation(Observer(latitude_deg, longitude_deg), at, with_refraction=False)
    return sun_deg < CIVIL_TWILIGHT_DEG


def evidence(latitude_deg: float, longitude_deg: float, time_s: float) -> dict[str, bool]:
    """What a verdict says of it: by day nothing."""
    return {"night": True} if is_night(latitude_deg, longitude_deg, time_s) else {}
