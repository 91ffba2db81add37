"""The one line of state: what the wall shows across its width. Pure; the composition root puts it into ``status()``.

It follows from the drones that fly and what stands against each of them, never from what people did about an alert: an
outcome ends nothing that is still in the air. Each kind of objection by its meaning:

| what stands against a live drone | nowhere | in the ring | over the crowd |
|---|---|---|---|
| violation, suspected | watch | drone_near | over_crowd |
| not decidable: nobody can say that it may be there | watch | drone_near | over_crowd |
| not decidable, and the signal itself is doubted | watch | watch | watch |
| a situation: a fence alone, an emergency, a plan that is broken | watch | drone_near | over_crowd |
| nothing, and nobody can say whether it flies, in a zone | watch | watch | watch |

The drones' state wins over the sensors' (a drone that is seen matters more than a sensor that is not); the word "clear"
needs a sensor, every sensor healthy, and room in the picture for all that they heard in the last minute. Over all
stands the age of the last tick: of a picture that stands still nothing is said but that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from airspace.model.verdict import VerdictValue
from airspace.model.zone import ZoneRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airspace.model.standing import Standing

STATES: Final = ("clear", "watch", "drone_near", "over_crowd", "coverage_reduced", "no_live_data")
STALE_S: Final = 5.0


def state_line(
    drones: Sequence[Standing], sensors: Sequence[dict[str, Any]], no_room: int, tick_age_s: float | None
) -> str:
    """One of ``STATES`` for the live drones, the sensors, detections without room lately, and the last tick's age."""
    if tick_age_s is None or tick_age_s > STALE_S:
        return "no_live_data"
    roles = {drone.role for drone in drones if not (drone.doubted and drone.value is VerdictValue.NOT_DECIDABLE)}
    if ZoneRole.BOWL in roles:
        return "over_crowd"
    if ZoneRole.RING in roles:
        return "drone_near"
    if drones:
        return "watch"
    if no_room or not sensors or not all(sensor["ok"] for sensor in sensors):
        return "coverage_reduced"
    return "clear"
