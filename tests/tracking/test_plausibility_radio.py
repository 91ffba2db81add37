"""Signs of radio: place against range, silence and level. Each with the honest things that come near it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from airspace.model.detection import Flag, Source, Transport
from airspace.model.track import Remark, TrackState
from airspace.tracking.columns import State
from airspace.tracking.plausibility import Radio, links, radio, ranges
from airspace.tracking.plausibility.levels import level_unmoved
from airspace.tracking.plausibility.links import Heard, Links
from airspace.tracking.plausibility.silence import Witnesses
from tests.airspace.rows import START_S
from tests.tracking.sky import NORTH_M, Air, Emitter, Sky, message, place

NAME = "9ZZZ1A"
RADIO = Remark.OUT_OF_RANGE | Remark.UNHEARD_NEARER | Remark.LEVEL_UNMOVED


# OUT_OF_RANGE


def heard_from(*km: float, seconds: int = 20, **more: Any) -> Remark:
    """One receiver at each of these distances hears the drone each second."""
    sky = Sky({f"at {far}": place(far * 1000.0) for far in km})
    for second in range(seconds):
        rows = [
            message(second, second, sensor=f"at {far}", **{"transport": Transport.WIFI_BEACON} | more) for far in km
        ]
        sky.hear(*rows, tick_s=START_S + second + 1.0)
    return sky.remarks(NAME)


def test_heard_from_farther_than_radio_reaches() -> None:
    assert heard_from(24.9) == 0
    assert heard_from(25.1) == Remark.OUT_OF_RANGE


def test_one_receiver_within_reach_explains_it() -> None:
    """The place of the other one is wrong in the registry."""
    assert heard_from(60.0, 80.0, 2.0) == 0


@pytest.mark.parametrize(("transport", "range_m"), list(ranges.RANGE_M.items()))
def test_each_transport_has_a_range(transport: Transport, range_m: float) -> None:
    assert heard_from(range_m / 1000.0 - 0.2, transport=transport) == 0
    assert heard_from(range_m / 1000.0 + 0.2, transport=transport) == Remark.OUT_OF_RANGE


def test_a_network_and_a_crew_have_none() -> None:
    assert heard_from(400.0, transport=Transport.NETWORK) == 0
    assert heard_from(400.0, transport=Transport.RF) == 0
    assert heard_from(400.0, transport=Transport.UNKNOWN, source=Source.ADSB) == 0


def test_a_receiver_whose_place_is_not_known_says_nothing() -> None:
    sky = Sky()
    for second in range(20):
        sky.hear(message(second), tick_s=START_S + second + 1.0)
    assert sky.remarks(NAME) == 0


def test_one_damaged_position_is_no_sign() -> None:
    sky = Sky({"north": place(1_000.0)})
    for second in [*range(30), 60, 61, 90]:
        north_m = 80_000.0 if second in {10, 60, 90} else 0.0
        sky.hear(message(second, north_m, transport=Transport.BLE4), tick_s=START_S + second + 1.0)
    assert not sky.remarks(NAME) & Remark.OUT_OF_RANGE


@pytest.mark.parametrize("beyond", [(20, 35), (20, 21, 22, 23, 24)])
def test_damage_that_comes_twice_or_for_a_moment_is_no_sign(beyond: tuple[int, ...]) -> None:
    sky = Sky({"north": place(1_000.0)})
    for second in beyond:
        sky.hear(message(second, 80_000.0, transport=Transport.BLE4), tick_s=START_S + second + 1.0)
    for second in range(beyond[-1] + 1, beyond[-1] + 9):
        sky.hear(tick_s=START_S + second + 1.0)
    assert sky.remarks(NAME) == 0


def test_a_mobile_receiver_is_where_it_says() -> None:
    air = Air(
        receivers={"van": (0.0, 0.0)},
        moving={"van": lambda second: (60_000.0 + 20.0 * second, 0.0)},
        emitters=[Emitter(claims=lambda second: (60_000.0 + 20.0 * second, 500.0))],
    )
    assert air.play(120).remarks(NAME) & RADIO == 0


# UNHEARD_NEARER: two receivers at the claimed place, one 4 km away where the forger is; honest drones all round

RECEIVERS = {"west": (0.0, -600.0), "east": (0.0, 600.0), "far": (5_000.0, 0.0)}


def honest(uas_id: str, north_m: float, east_m: float, **more: Any) -> Emitter:
    return Emitter(uas_id=uas_id, claims=lambda second: (north_m + 90.0 * np.sin(second / 15.0), east_m), **more)


HONEST = [honest("9ZZZ1H", 0.0, -900.0), honest("9ZZZ1K", 300.0, 1_000.0), honest("9ZZZ1L", 4_700.0, 200.0)]
FORGER = Emitter(claims=lambda second: (2.0 * (second % 40), 0.0), really=lambda _second: (5_000.0, 100.0))
FORGED = Air(receivers=RECEIVERS, emitters=[*HONEST, FORGER], sensitivity_dbm=-86.0)


def test_two_receivers_nearby_that_hear_others_and_not_it() -> None:
    sky = FORGED.play(150)
    assert sky.remarks(NAME) & Remark.UNHEARD_NEARER
    assert all(not sky.remarks(emitter.uas_id) for emitter in HONEST)


def test_it_takes_half_a_minute_of_their_silence() -> None:
    sky = FORGED.play(60)  # from the first seconds on they hear the others
    assert not sky.remarks(NAME) & Remark.UNHEARD_NEARER


def test_one_receiver_nearby_may_stand_behind_a_house() -> None:
    alone = replace(FORGED, receivers={name: RECEIVERS[name] for name in ("west", "far")})
    assert not alone.play(200).remarks(NAME) & Remark.UNHEARD_NEARER


def test_receivers_that_are_down_or_out_of_their_hours_prove_nothing() -> None:
    """The drone is where it says; the receivers near it fall silent, one after the other, and come back."""
    true = replace(FORGED.emitters[3], really=None, power_dbm=-60.0)
    for deaf in (
        lambda name, _one, second: name != "far" and second >= 40,
        lambda name, _one, second: name != "far" and 40 <= second < 90,
        lambda name, _one, second: name != "far" and second < 120,
        lambda name, _one, second: name != "far" and second // 35 % 2 == 1,
        lambda name, _one, second: (name == "west" and second >= 40) or (name == "east" and second >= 70),
    ):
        sky = replace(FORGED, emitters=[*HONEST, true], deaf=deaf).play(200)
        assert sky.remarks(NAME) & RADIO == 0


def test_receivers_that_do_not_hear_a_transport_prove_nothing_about_it() -> None:
    long_range = replace(FORGER, transport=Transport.BLE5)
    assert not replace(FORGED, emitters=[*HONEST, long_range]).play(200).remarks(NAME) & Remark.UNHEARD_NEARER


def test_receivers_that_hear_nobody_as_far_away_prove_nothing() -> None:
    """All that they hear is nearer to them than the claim."""
    close = [honest("9ZZZ1H", 0.0, -500.0, power_dbm=-100.0), honest("9ZZZ1K", 0.0, 500.0, power_dbm=-100.0)]
    assert not replace(FORGED, emitters=[*close, FORGER]).play(200).remarks(NAME) & Remark.UNHEARD_NEARER


def test_a_drone_below_the_roofs_may_hide_from_receivers_nearby() -> None:
    low = replace(FORGER, really=None, height_m=20.0, power_dbm=-60.0)
    hidden = replace(
        FORGED, emitters=[*HONEST, low], shadow_db=lambda name, one, *_: 60.0 * (name != "far" and one is low)
    )
    assert hidden.play(200).remarks(NAME) & RADIO == 0


def test_moving_receivers_prove_nothing_by_their_silence() -> None:
    vans = {
        name: (lambda second, where=RECEIVERS[name]: (where[0] + 5.0 * second, where[1])) for name in ("west", "east")
    }
    driving = replace(FORGED, moving=vans)
    assert not driving.play(200).remarks(NAME) & Remark.UNHEARD_NEARER


def test_a_receiver_that_says_where_it_stands_is_as_good_as_a_fixed_one() -> None:
    standing = {name: (lambda _second, where=RECEIVERS[name]: where) for name in ("west", "east")}
    assert replace(FORGED, moving=standing).play(200).remarks(NAME) & Remark.UNHEARD_NEARER


def test_a_receiver_that_hears_it_now_and_then_is_not_silent() -> None:
    weak = replace(FORGED, deaf=lambda name, one, second: one is near and name != "far" and second % 40 != 0)
    near = replace(FORGER, really=None, power_dbm=-60.0)
    weak = replace(weak, emitters=[*HONEST, near], loss=0.0)
    assert weak.play(200).remarks(NAME) & RADIO == 0
    assert replace(weak, deaf=lambda name, one, _: one is near and name != "far").play(200).remarks(NAME) & RADIO


def test_a_witness_hears_most_of_the_time_and_heard_lately() -> None:
    def hears(*spans: int) -> bool:
        witnesses = Witnesses(1)
        for span in range(7):
            distance_m = np.array([1_000.0 if span in spans else 900.0])
            witnesses.hear(np.array([0]), np.array([3]), distance_m, 10_000.0 + 10.0 * span)
        return bool(witnesses.hearing(np.array([0]), np.array([3]), np.array([[1_000.0]]))[0, 0])

    assert hears(0, 1, 2, 3, 4, 5)
    assert hears(2, 3, 4, 5)
    assert not hears(3, 4, 5)
    assert not hears(0, 1, 2, 3, 4)
    assert not hears(2, 3, 4, 6)  # the span that is not over yet does not count


def test_a_suspect_lends_no_reach() -> None:
    """What a forger claims to be far away may be sent from beside the receiver."""
    close = [honest("9ZZZ1H", 0.0, -500.0, power_dbm=-100.0), honest("9ZZZ1K", 0.0, 500.0, power_dbm=-100.0)]
    ghost = Emitter(uas_id="9ZZZ2G", claims=lambda _second: (900.0, 0.0), power_dbm=-40.0)
    air = replace(FORGED, emitters=[*close, FORGER, ghost])
    assert air.play(200).remarks(NAME) & Remark.UNHEARD_NEARER
    wrong = {"flags": int(Flag.SERIAL_INVALID), "time_s": START_S - 3_000.0}
    suspect = replace(air, emitters=[*close, FORGER, replace(ghost, more=lambda _second: wrong)])
    assert not suspect.play(200).remarks(NAME) & Remark.UNHEARD_NEARER


# LEVEL_UNMOVED

CITY = {"north": (1_500.0, 0.0), "south": (-1_500.0, 300.0), "east": (0.0, 1_800.0), "west": (200.0, -1_600.0)}


def across(second: float) -> tuple[float, float]:
    """To and fro over the city at 15 m/s, on its way eastwards."""
    lap, on_way = divmod(second * 15.0, 2_400.0)
    return (on_way - 1_200.0) * (1.0 if lap % 2 == 0 else -1.0), second - 150.0


MOVED = Air(receivers=CITY, emitters=[Emitter(claims=across)], sensitivity_dbm=-100.0)


@pytest.mark.parametrize(("seed", "fading_db"), [(1, 3.0), (1, 6.0), (2, 6.0)])
def test_a_level_that_stays_while_the_claim_moves(seed: int, fading_db: float) -> None:
    roof = [Emitter(claims=across, really=lambda _second: (400.0, 300.0), height_m=40.0)]
    assert replace(MOVED, emitters=roof, fading_db=fading_db, seed=seed).play(300).remarks(NAME) == Remark.LEVEL_UNMOVED


@pytest.mark.parametrize(
    ("seed", "exponent", "fading_db"), [(1, 2.0, 3.0), (1, 2.0, 6.0), (2, 2.0, 6.0), (1, 4.0, 6.0)]
)
def test_a_level_that_follows_the_claim(seed: int, exponent: float, fading_db: float) -> None:
    sky = replace(MOVED, exponent=exponent, fading_db=fading_db, seed=seed).play(300)
    assert sky.remarks(NAME) == 0


def test_two_receivers_prove_nothing_by_their_levels() -> None:
    roof = [Emitter(claims=across, really=lambda _second: (400.0, 300.0))]
    two = {name: CITY[name] for name in ("north", "south")}
    assert replace(MOVED, receivers=two, emitters=roof).play(300).remarks(NAME) == 0


def test_a_hovering_drone_has_a_level_that_stays() -> None:
    def hovers(second: float) -> tuple[float, float]:
        return 3.0 * np.sin(second * 7.0), 3.0 * np.cos(second * 5.0)

    assert replace(MOVED, emitters=[Emitter(claims=hovers)]).play(300).remarks(NAME) == 0


def test_houses_that_hide_it_from_one_receiver_are_no_sign() -> None:
    """Loud when far, faint when near: a tower before one of the receivers."""

    def tower(name: str, _emitter: Emitter, north_m: float, _east_m: float) -> float:
        return 20.0 if name == "north" and north_m > 0.0 else 0.0

    for seed in range(2):
        assert replace(MOVED, shadow_db=tower, seed=seed).play(300).remarks(NAME) == 0


def test_the_edge_of_reach_is_no_flat_level() -> None:
    """Faint everywhere: what comes through is what was loud by chance."""
    for seed in range(2):
        faint = replace(MOVED, emitters=[Emitter(claims=across, power_dbm=-97.0)], fading_db=6.0, seed=seed)
        assert faint.play(400).remarks(NAME) == 0


def test_the_same_way_again_is_no_new_evidence() -> None:
    """Round and round under a level that stays: the houses may do that, and do it again on the next round."""

    def rounds(radius_m: float) -> Callable[[float], tuple[float, float]]:
        return lambda second: (radius_m * np.cos(second * 20.0 / radius_m), radius_m * np.sin(second * 20.0 / radius_m))

    def found(radius_m: float) -> Remark:
        roof = Emitter(claims=rounds(radius_m), really=lambda _second: (0.0, 0.0))
        near = {name: (north_m / 3.0, east_m / 3.0) for name, (north_m, east_m) in CITY.items()}
        return replace(MOVED, receivers=near, emitters=[roof], fading_db=1.0).play(300).remarks(NAME)

    assert found(150.0) == 0
    assert found(400.0) == Remark.LEVEL_UNMOVED


def level_line(*each: tuple[int, float, float], transports: int = 1) -> Remark:
    """One track's links: cells, spread of log distance and slope of the level, without fading.

    Each is of a receiver of its own, or several in turn are of one.
    """
    state, found = State.store(1), np.zeros(1, dtype=np.int64)
    state.number[0], state.state[0] = 7, TrackState.CONFIRMED
    made = Links()
    made.key = np.array([(7 * 64 + link // transports) * 16 + link % transports for link in range(len(each))])
    made._columns = np.zeros((14, len(each)))
    for link, (cells, spread, slope) in enumerate(each):
        x = 3.0 + spread * np.where(np.arange(cells) % 2, 1.0, -1.0)
        y = -80.0 + slope * (x - 3.0)
        made.sums[:, link] = cells, x.sum(), y.sum(), (x * x).sum(), (x * y).sum(), (y * y).sum()
    level_unmoved(made, state, np.array([0]), found)
    return Remark(int(found[0]))


def test_a_slope_must_be_flat_and_surely_so() -> None:
    assert level_line(*[(40, 0.2, 0.0)] * 3) == Remark.LEVEL_UNMOVED
    assert level_line(*[(40, 0.2, -4.9)] * 3) == Remark.LEVEL_UNMOVED
    assert level_line(*[(40, 0.2, -5.1)] * 3) == 0
    assert level_line(*[(40, 0.2, 20.0)] * 3) == Remark.LEVEL_UNMOVED
    assert level_line(*[(40, 0.05, 0.0)] * 3) == 0  # fading of 6 dB could do that
    assert level_line(*[(5, 2.0, 0.0)] * 3) == 0
    assert level_line(*[(40, 0.2, 0.0)] * 2) == 0


def test_one_receiver_alone_never_carries_the_sign() -> None:
    """A house hides the drone from the only receiver that it comes near to; the far ones hear it as they should."""
    assert level_line((40, 0.5, 0.0), (40, 0.05, -25.0), (40, 0.05, -25.0)) == 0


def test_what_one_receiver_hears_twice_counts_once() -> None:
    assert level_line(*[(20, 0.12, 0.0)] * 9) == Remark.LEVEL_UNMOVED
    assert level_line(*[(20, 0.12, 0.0)] * 9, transports=3) == 0
    assert level_line(*[(40, 0.5, 0.0)] * 4, transports=2) == 0  # two receivers, however much they hear


def listen(into: Links, second: float, receivers: np.ndarray, north_m: float) -> None:
    """Each of these receivers hears one message from there."""
    n = len(receivers)
    into.update(
        Heard(
            number=np.full(n, 7),
            sensor=receivers,
            transport=np.full(n, int(Transport.BLE5)),
            latitude_deg=np.full(n, 52.3 + north_m / NORTH_M),
            longitude_deg=np.full(n, 4.9),
            distance_m=np.full(n, 500.0 + north_m),
            slant_m=np.full(n, 500.0 + north_m),
            beyond=np.zeros(n, dtype=np.bool_),
            rssi_dbm=np.full(n, -90.0),
        ),
        second,
        np.array([7]),
    )


def test_a_place_counts_once_until_the_sums_begin_anew() -> None:
    found, counted = Links(), []
    for second in range(30):
        listen(found, second, np.array([0]), 60.0 * (second % 10))
        counted.append(found.sums[0, 0])
    assert counted[:11] == [float(cells) for cells in range(11)]
    assert set(counted[11:]) == {10.0}
    for second in range(30, 90):
        listen(found, second, np.array([0]), 60.0 * second)
        counted.append(found.sums[0, 0])
    assert max(counted) == links.MOST_CELLS
    assert counted[-1] < 30.0


def test_a_receiver_at_the_edge_of_reach_has_no_level_to_tell() -> None:
    """It hears one message in three of those that the other one hears."""
    found = Links()
    for second in range(40):
        listen(found, second, np.array([0, 0, 0, 1]), 60.0 * second)
    assert found.sums[0].tolist() == [39.0, 0.0]


# any batching, bounds, copies


def scene() -> list[dict[str, Any]]:
    rng = np.random.default_rng(3)
    heard = [row for second in range(90) for one in FORGED.emitters for row in FORGED._reports(one, second, rng)]
    return [row | {"logged_s": row["received_s"]} for row in heard]


def state_of(sky: Sky) -> tuple[Any, ...]:
    return sky.state.remarks.tolist(), sky.radio._links.key.tolist(), sky.radio._links._columns.tobytes()


def played(size: int) -> Sky:
    sky, log = FORGED.sky(), scene()
    for second in range(90):
        rows = [row for row in log if row["received_s"] == START_S + second]
        cuts = [rows[at : at + size] for at in range(0, len(rows), size)]
        for cut in cuts[:-1]:
            sky.hear(*cut)
        sky.hear(*cuts[-1], tick_s=START_S + second + 1.0)
    return sky


def test_any_cutting_of_the_rows_gives_the_same_to_the_byte() -> None:
    whole = state_of(played(1000))
    assert any(whole[0])
    assert all(state_of(played(size)) == whole for size in (1, 3))


def test_a_copy_of_the_radio_goes_on_as_it_would() -> None:
    sky = FORGED.play(80)
    copied = pickle.loads(pickle.dumps(vars(sky.radio)))
    other = Radio()
    vars(other).update(copied)
    assert other._links.key.tolist() == sky.radio._links.key.tolist()
    assert other._silences._since_s.tolist() == sky.radio._silences._since_s.tolist()


def test_rows_between_two_ticks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(radio, "MAX_ROWS", 10)
    sky = Sky({"north": place(0.0)})
    log = [message(0, uas_id=f"9ZZZ1{letter}") for letter in "ABCDEFGHJKLMNPQRSTUVWXYZ"]
    sky.hear(*log[:7]).hear(*log[7:], tick_s=START_S + 1.0)
    assert len(sky.radio._links) == 10


def test_links_are_bounded_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MAX_LINKS", 5)
    sky = Sky({"north": place(0.0)})
    sky.hear(*(message(0, uas_id=f"9ZZZ1{letter}") for letter in "ABCDEFGH"), tick_s=START_S + 1.0)
    assert len(sky.radio._links) == 5
    sky.hear(tick_s=START_S + links.KEPT_S + 2.0)
    assert len(sky.radio._links) == 0


def test_a_receiver_without_a_number_of_its_own_is_left_out() -> None:
    sky = Sky({f"s{number}": place(30_000.0) for number in range(64)})
    for second in range(20):
        sky.hear(message(second, sensor="s63", transport=Transport.BLE4), tick_s=START_S + second + 1.0)
    assert sky.remarks(NAME) == 0
