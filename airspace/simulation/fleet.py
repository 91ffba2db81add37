"""Who is in a scene: each aircraft, or ghost of one, with its schedule, its radios and what it says of itself.

Serials are of CTA-2063-A form with a maker code, 9ZZZ, that does not exist. Aircraft are numbered: those with Remote ID
first, then those without, then the ghosts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Codes, EuCategory, EuClass, Numbers, Rows, Texts, UaType, texts
from airspace.model.track import Booleans
from airspace.simulation.settings import Kind, Settings, Spoof

ACCURACIES_M: Final = np.array([1.0, 3.0, 10.0])  # 95 % bounds that a drone may state
SESSION_ID_BYTES: Final = 20
SWARM_COUNTER: Final = 1613 % 256  # the sequence number of the swarm that was seen
ROOF_M: Final = 20.0  # where a forger's aerial stands: over the houses
_PROFILES: Final = np.array(  # which radios go together: BLE 4, BLE 5, Wi-Fi beacon, NAN
    [
        [True, False, False, False],
        [True, True, False, False],
        [False, False, True, False],
        [False, True, True, False],
        [True, True, True, False],
        [True, True, True, True],
    ]
)
_GHOST_PROFILE: Final = np.array([False, False, True, False])
_SESSION_SHARE: Final = 0.1  # name themselves by a serial and a session id
_ON_BEFORE_S: Final = (5.0, 20.0)  # the controller is on so long before take-off
_REPLAY_S: Final = (600.0, 1700.0)  # the age of a capture: under half an hour, so that the hour folds right
_UNSET_S: Final = (300.0, 1500.0)  # how far off a clock that was never set happens to be
_NEVER_S: Final = np.inf
_RELAY_M: Final = (2000.0, 3000.0)  # how far the second place is from the first
_SWARM_M: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """n aircraft, one array a column. Times are seconds of the scene, places metres east and north of its centre."""

    kind: Codes  # Kind
    spoof: Codes  # Spoof
    original: Rows  # whose flight a relayed clone flies elsewhere; -1 for all others
    winged: Booleans
    east_m: Numbers  # where its flight begins
    north_m: Numbers
    on_s: Numbers  # switched on
    takeoff_s: Numbers  # negative: in the air from the beginning
    landing_s: Numbers  # when it begins to come down
    ends_s: Numbers  # a ghost's end; the others send until they have landed
    ua_type: Codes
    uas_id: Texts  # str | None
    session_id: Texts  # str | None, hex
    operator_id: Texts
    operator_east_m: Numbers
    operator_north_m: Numbers
    operator_live: Booleans  # its place is followed, else it is where the take-off was
    eu_category: Codes
    eu_class: Codes
    radios: Booleans  # (n, radios)
    rotation_s: Numbers  # of its addresses; infinite for most
    rotation_phase_s: Numbers
    announces: Booleans  # sends its position on the ground too
    behind_tenths: Bits  # its clock, behind the true time
    first_counter: Bits
    frozen: Booleans  # counter and message time stand still
    counts: Booleans  # its counter goes on
    accuracy_m: Numbers  # 95 %, horizontal
    relay_east_m: Numbers  # from the original's place to the clone's
    relay_north_m: Numbers
    roof_east_m: Numbers  # where a ghost's transmitter stands; NaN: it moves with the place
    roof_north_m: Numbers
    frequency_hz: Numbers  # of the control link
    bandwidth_hz: Numbers

    def __len__(self) -> int:
        return len(self.kind)


def muster(settings: Settings, rng: np.random.Generator) -> Fleet:
    """Everybody, by the settings."""
    kind, spoof, original = _kinds(settings)
    n = len(kind)
    ghost, swarm = kind == Kind.GHOST, spoof == Spoof.SWARM
    winged = rng.random(n) < settings.winged_share
    winged[ghost] = False
    winged = np.where(original >= 0, winged[original], winged)
    east_m, north_m = disc(settings.radius_m * 0.8, n, rng)
    swarm_east_m, swarm_north_m = disc(_SWARM_M, n, rng)
    east_m, north_m = np.where(swarm, swarm_east_m, east_m), np.where(swarm, swarm_north_m, north_m)
    operator_east_m, operator_north_m = disc(150.0, n, rng)
    turn, relay_m = rng.uniform(0.0, 2.0 * np.pi, n), rng.uniform(*_RELAY_M, n)
    takes_class = rng.random(n) < 0.6  # noqa: PLR2004 the rest is older than the class marks
    made = (
        _schedule(settings, kind, spoof, original, rng)
        | _clock(settings, kind, spoof, rng)
        | _roof(settings, spoof, rng)
    )
    radios = np.where(ghost[:, None], _GHOST_PROFILE, _PROFILES[rng.integers(0, len(_PROFILES), n)])
    radios[kind == Kind.SILENT] = False
    rotates = (rng.random(n) < settings.rotating_share) & (kind == Kind.REAL)
    session = texts([rng.bytes(SESSION_ID_BYTES - 1).hex() + "01" for _ in range(n)])
    session[(rng.random(n) >= _SESSION_SHARE) | (kind != Kind.REAL)] = None
    return Fleet(
        kind=kind,
        spoof=spoof,
        original=original,
        winged=winged,
        east_m=east_m,
        north_m=north_m,
        ua_type=np.where(winged, int(UaType.AEROPLANE), int(UaType.MULTIROTOR)).astype(np.int8),
        uas_id=_serials(kind, original, rng),
        session_id=session,
        operator_id=texts([f"NLDsim{number:010x}" for number in rng.integers(0, 1 << 40, n).tolist()]),
        operator_east_m=east_m + operator_east_m,
        operator_north_m=north_m + operator_north_m,
        operator_live=rng.random(n) < 0.7,  # noqa: PLR2004 add-on modules know the take-off only
        eu_category=np.full(n, int(EuCategory.OPEN), dtype=np.int8),
        eu_class=np.where(takes_class, rng.integers(EuClass.C0, EuClass.C4 + 1, n), 0).astype(np.int8),
        radios=radios,
        rotation_s=np.where(rotates, settings.rotation_s, _NEVER_S),
        rotation_phase_s=rng.uniform(0.0, settings.rotation_s, n),
        announces=(rng.random(n) < 0.5) | ghost,  # noqa: PLR2004 about half know their place before take-off
        accuracy_m=ACCURACIES_M[rng.integers(0, len(ACCURACIES_M), n)],
        relay_east_m=relay_m * np.sin(turn),
        relay_north_m=relay_m * np.cos(turn),
        frequency_hz=np.where(rng.random(n) < 0.5, 2_440_000_000.0, 5_800_000_000.0),  # noqa: PLR2004 the two bands
        bandwidth_hz=np.full(n, 10_000_000.0),
        **made,
    )


def disc(radius_m: float, n: int, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """n places, evenly over a disc."""
    away_m, turn = radius_m * np.sqrt(rng.random(n)), rng.uniform(0.0, 2.0 * np.pi, n)
    return away_m * np.sin(turn), away_m * np.cos(turn)


def _kinds(settings: Settings) -> tuple[Codes, Codes, Rows]:
    relayed = min(settings.relayed, settings.aircraft)
    made = (
        (Spoof.STATIC, settings.static),
        (Spoof.REPLAYED, settings.replayed),
        (Spoof.SWARM, settings.swarm),
        (Spoof.ONE_ADDRESS, settings.one_address),
        (Spoof.RELAYED, relayed),
    )
    ghosts = [int(spoof) for spoof, count in made for _ in range(count)]
    real, others = settings.aircraft, settings.aircraft + settings.silent
    kind = np.array([Kind.REAL] * real + [Kind.SILENT] * settings.silent + [Kind.GHOST] * len(ghosts), dtype=np.int8)
    spoof = np.array([Spoof.NONE] * others + ghosts, dtype=np.int8)
    original: Rows = np.full(len(kind), -1, dtype=np.intp)
    original[spoof == Spoof.RELAYED] = np.arange(relayed)
    return kind, spoof, original


def _schedule(
    settings: Settings, kind: Codes, spoof: Codes, original: Rows, rng: np.random.Generator
) -> dict[str, Numbers]:
    n, length_s = len(kind), settings.length_s
    flying = rng.random(n) < settings.flying_share
    takeoff_s = np.where(flying, -1.0, rng.uniform(0.1, 0.4, n) * length_s)
    on_s = np.where(flying, 0.0, np.maximum(0.0, takeoff_s - rng.uniform(*_ON_BEFORE_S, n)))
    lands = rng.random(n) < settings.landing_share
    landing_s = np.where(lands, rng.uniform(0.4, 0.65, n) * length_s, _NEVER_S)
    ends_s = np.full(n, _NEVER_S)
    ghost, together = kind == Kind.GHOST, (spoof == Spoof.SWARM) | (spoof == Spoof.ONE_ADDRESS)
    begins_s = np.where(together, 0.3, rng.uniform(0.1, 0.3, n)) * length_s
    ceases_s = np.where(together, 0.9, rng.uniform(0.8, 1.0, n)) * length_s
    takeoff_s, landing_s = np.where(ghost, -1.0, takeoff_s), np.where(ghost, _NEVER_S, landing_s)
    on_s, ends_s = np.where(ghost, begins_s, on_s), np.where(ghost, ceases_s, ends_s)
    clone = original >= 0  # while its original is in the air
    on_s = np.where(clone, np.maximum(on_s, takeoff_s[original]), on_s)
    return {"on_s": on_s, "takeoff_s": takeoff_s, "landing_s": landing_s, "ends_s": ends_s}


def _clock(settings: Settings, kind: Codes, spoof: Codes, rng: np.random.Generator) -> dict[str, np.ndarray]:
    n = len(kind)
    behind_s = rng.uniform(0.0, settings.drone_skew_s, n)
    behind_s = np.where(spoof == Spoof.REPLAYED, rng.uniform(*_REPLAY_S, n), behind_s)
    unset = (spoof == Spoof.SWARM) | (spoof == Spoof.ONE_ADDRESS)
    behind_s = np.where(unset, rng.uniform(*_UNSET_S), behind_s)
    counter = rng.integers(0, 256, n)
    counter[spoof == Spoof.SWARM] = SWARM_COUNTER
    frozen = spoof == Spoof.STATIC
    return {
        "behind_tenths": np.rint(behind_s * 10.0).astype(np.int64),
        "first_counter": counter,
        "frozen": frozen,
        "counts": ~frozen & (spoof != Spoof.SWARM),
    }


def _roof(settings: Settings, spoof: Codes, rng: np.random.Generator) -> dict[str, Numbers]:
    """Swarms are of one transmitter each; a clone is really at the second place."""
    n = len(spoof)
    east_m, north_m = disc(settings.radius_m * 0.6, n, rng)
    for one in (Spoof.SWARM, Spoof.ONE_ADDRESS):
        chosen = spoof == one
        if np.count_nonzero(chosen):
            east_m[chosen], north_m[chosen] = east_m[chosen][0], north_m[chosen][0]
    moves = (spoof == Spoof.NONE) | (spoof == Spoof.RELAYED)
    return {"roof_east_m": np.where(moves, np.nan, east_m), "roof_north_m": np.where(moves, np.nan, north_m)}


def _serials(kind: Codes, original: Rows, rng: np.random.Generator) -> Texts:
    """9ZZZ, eight characters: three letters of what it is, five digits; a clone has its original's."""
    first = int(rng.integers(0, 90_000))
    words = {Kind.REAL: "TRU", Kind.SILENT: "", Kind.GHOST: "GHT"}
    made = [
        f"9ZZZ8{words[Kind(one)]}{first + number:05d}" if one != Kind.SILENT else None
        for number, one in enumerate(kind.tolist())
    ]
    return texts([made[whose] if whose >= 0 else own for own, whose in zip(made, original.tolist(), strict=True)])
