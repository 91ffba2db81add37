"""All signs in one table: family, score, threshold, where the threshold is from, and what honest thing may show it.

A score says how much one sign, by itself, speaks against the signal, 0 to 1: judged by how many honest causes there
are. Signs of one family may have one honest cause in common, so within a family only the strongest counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from airspace.model.track import Remark
from airspace.tracking import aliases, motion
from airspace.tracking.plausibility import clocks, counters, levels, links, places, ranges, silence, speeds


class Family(StrEnum):
    """What of a signal a sign is about. Families are independent of each other."""

    CLOCK = "clock"
    COUNTER = "counter"
    MOTION = "motion"
    OPERATOR = "operator"
    SENDER = "sender"
    SERIAL = "serial"
    IDENTITY = "identity"
    RADIO = "radio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One sign. The texts are the manual's (docs/signs.md)."""

    remark: Remark
    family: Family
    score: float
    threshold: str
    source: str
    honest: str
    alone: bool = False  # suffices without a second family


SIGNS: Final = (
    Sign(
        remark=Remark.SKEW,
        family=Family.CLOCK,
        score=0.4,
        threshold=f"message time and receive time more than {clocks.MAX_SKEW_S:g} s apart",
        source="honest 0.3-1.8 s (DJI Air 3, Parrot); forged 1,858-1,907 s",
        honest="a drone without a fix, whose clock is not set; a receiver that delivers late and names no time",
    ),
    Sign(
        remark=Remark.FROZEN_TIME,
        family=Family.CLOCK,
        score=0.7,
        threshold=f"more than {clocks.FROZEN_AFTER_M:g} m under one message time",
        source="above one fix a second at 60 m/s; forged 2 km",
        honest="firmware that never sets the time",
    ),
    Sign(
        remark=Remark.FROZEN_COUNTER,
        family=Family.COUNTER,
        score=0.6,
        threshold=f"more than {clocks.FROZEN_AFTER_M:g} m under one counter value, heard without a gap of "
        f"{counters.MAX_SILENCE_S:g} s for {counters.FROZEN_COUNTER_S:g} s",
        source="honest repeats last one second (Parrot, 9 times); forged 48 s",
        honest="firmware that does not count",
    ),
    Sign(
        remark=Remark.TOO_FAST,
        family=Family.MOTION,
        score=0.6,
        threshold=f"more than {motion.MAX_SPEED_M_S:g} m/s from fix to fix, {motion.MAX_SPEED_WINGED_M_S:g} with "
        f"wings, and more than {motion.LEAST_JUMP_M:g} m",
        source="handbook: the limit of multirotors",
        honest="a satellite receiver that lost its place; racing drones",
    ),
    Sign(
        remark=Remark.SPEED_MISMATCH,
        family=Family.MOTION,
        score=0.5,
        threshold=f"way flown and way by the speed field differ by a factor of {speeds.MISMATCH_FACTOR:g} and "
        f"{speeds.MISMATCH_M:g} m, within {speeds.STRETCH_S:g} s, {speeds.LEAST_FIXES} fixes or more without a jump",
        source="two of the longest steps that are no jump, and noise of 10 m",
        honest="a speed in km/h, or always nought; a position that stands while satellites are lost",
    ),
    Sign(
        remark=Remark.GROUND_MOVING,
        family=Family.MOTION,
        score=0.3,
        threshold=f"more than {speeds.GROUND_M:g} m in {speeds.GROUND_S:g} to {speeds.STRETCH_S:g} s, status ground "
        f"all the time, {speeds.LEAST_FIXES} fixes or more without a jump",
        source="above what a first fix settles by",
        honest="switched on in a car; firmware whose status never changes",
    ),
    Sign(
        remark=Remark.OPERATOR_FAR,
        family=Family.OPERATOR,
        score=0.4,
        threshold=f"operator more than {places.MAX_OPERATOR_M / 1000:g} km from the drone",
        source="beyond any control link without a relay; forged 24 km",
        honest="flown over a mobile network; an operator's fixed address instead of his place",
    ),
    Sign(
        remark=Remark.SHARED_TRANSMITTER,
        family=Family.SENDER,
        score=0.8,
        threshold=f"{aliases.SHARED_FROM} or more identities from one transmitter address",
        source="handbook; two are a drone and its add-on",
        honest="a bridge that sends on what it hears",
    ),
    Sign(
        remark=Remark.SHARED_COUNTER,
        family=Family.SENDER,
        score=0.7,
        threshold=f"{counters.SHARED_BY} or more identities whose counters stand at one value, not nought, each for "
        f"{counters.SHARED_STOOD_S:g} s and {counters.SHARED_SIGHTINGS} sightings",
        source="15 ghosts with 15 addresses under one sequence number",
        honest="a fleet of one firmware with one fixed value",
    ),
    Sign(
        remark=Remark.SERIAL_INVALID,
        family=Family.SERIAL,
        score=0.3,
        threshold="a serial number of Open Drone ID that is not of CTA-2063-A form",
        source="ANSI/CTA-2063-A",
        honest="home-made drones and add-ons whose owner typed something in",
    ),
    Sign(
        remark=Remark.IDENTITY_CONFLICT,
        family=Family.IDENTITY,
        score=0.9,
        threshold="one identity at two places, to and fro between them",
        source="handbook, sign 1",
        honest="none known; the true drone carries it too",
        alone=True,
    ),
    Sign(
        remark=Remark.OUT_OF_RANGE,
        family=Family.RADIO,
        score=0.6,
        threshold=f"{ranges.BEYOND_ROWS} rows and {ranges.BEYOND_S:g} s farther from every receiver that heard it than "
        + ", ".join(f"{metres / 1000:g} km ({transport.name.lower()})" for transport, metres in ranges.RANGE_M.items()),
        source="link budget in free space, 100 mW (EN 300 328)",
        honest="a receiver whose place in the registry is wrong",
    ),
    Sign(
        remark=Remark.UNHEARD_NEARER,
        family=Family.RADIO,
        score=0.5,
        threshold=f"{silence.WITNESSES} or more receivers, {silence.NEARER:g} times as near as the nearest that "
        f"hears it, do not for {silence.LASTS_S:g} s and hear others as far away; hearer "
        f"{silence.LEAST_FAR_M / 1000:g} km off or more, claim {silence.LOW_M:g} m high or more",
        source="12 dB in free space, at two receivers at once",
        honest="two receivers behind houses; messages that a flooded receiver had to drop",
    ),
    Sign(
        remark=Remark.LEVEL_UNMOVED,
        family=Family.RADIO,
        score=0.5,
        threshold=f"{levels.RECEIVERS} or more receivers, {levels.CELLS:g} places {links.CELL_M:g} m wide for each: "
        f"the level falls by less than {-levels.FLAT_DB:g} dB in a decade of distance, and by "
        f"{levels.ERRORS:g} standard errors less than {-levels.FLATTEST_DB:g} dB",
        source="path loss exponents of 1.5 to 4.1 between air and ground (Khawaja et al. 2019)",
        honest="a way along which houses hide it near and show it far, at three receivers at once",
    ),
)
