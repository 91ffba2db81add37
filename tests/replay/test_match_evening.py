"""The demo's match evening as a recording: one story, whatever the batch size, and told as it was told before."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from airspace.demo import facts, scenario
from airspace.model.alert import AlertState
from airspace.model.track import Remark
from tests.replay.chain import Replayed, replay

ZONES = Path(facts.__file__).with_name("zones.json")
START_S = facts.EVENING_S
GOLDEN = Path(__file__).with_name("match_evening.golden.jsonl")
HOBBY = "9ZZZ8HBY00001"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evening") / "evening.jsonl"
    path.write_bytes(scenario.recording(START_S))
    return path


@pytest.fixture(scope="module")
def notices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evening") / "notices.json"
    path.write_bytes(facts.notices(START_S))
    return path


@pytest.fixture(scope="module")
def evening(recording: Path, notices: Path) -> Replayed:
    return replay(recording, zones=[ZONES], notices=[notices], batch=4096)


@pytest.mark.parametrize("batch", [1, 7, 256])
def test_any_batch_size_gives_the_same_alerts_byte_for_byte(
    recording: Path, notices: Path, evening: Replayed, batch: int
) -> None:
    assert replay(recording, zones=[ZONES], notices=[notices], batch=batch).lines == evening.lines


def test_the_evening_is_told_as_before(evening: Replayed) -> None:
    """Regenerate after a change that is meant: ``python -m tests.replay.regenerate``."""
    told = [json.loads(line) for line in evening.lines.splitlines()]
    golden = [json.loads(line) for line in GOLDEN.read_bytes().splitlines()]
    assert told == golden, "python -m tests.replay.regenerate"


def test_the_hobby_drone_is_one_violation_over_the_crowd_with_its_pilot(evening: Replayed) -> None:
    (alert,) = [alert for alert in evening.opened if alert.uas_id == HOBBY]
    assert (alert.kind, alert.verdict, alert.reason) == ("zone", "violation", "no_notice")
    assert alert.sentence_en == "Not allowed: flying in the Schiphol CTR without an approved notice for this drone."
    assert alert.sentence_nl == (
        "Niet toegestaan: vliegt in de CTR Schiphol en er is geen goedgekeurde melding voor deze drone."
    )
    assert alert.pilot is not None
    assert alert.pilot.kind == "live"
    assert alert.time_s - START_S < 60
    tellings = [telling for telling in evening.alerts if telling.alert_id == alert.alert_id]
    assert {"ring", "bowl"} <= {telling.zone_role for telling in tellings}
    assert tellings[-1].state is AlertState.CLOSED
    assert tellings[-1].outcome == "landed"


def test_flights_with_a_notice_and_outside_the_zone_raise_nothing(evening: Replayed) -> None:
    quiet = {"9ZZZ8TVX00001", "9ZZZ8JBG00001"}
    assert not [alert for alert in evening.opened if alert.uas_id in quiet]


def test_the_inspection_leaves_its_volume_and_comes_back(evening: Replayed) -> None:
    tellings = [alert for alert in evening.alerts if alert.uas_id == facts.INSPECTION_SERIAL]
    assert tellings[0].reason == "notice_wrong_place"
    assert tellings[0].notice_gap is not None
    assert 0 < (tellings[0].notice_gap.metres or 0) < 200
    assert tellings[-1].state is AlertState.CLOSED
    assert tellings[-1].reason == "notice_matches"


def test_fifteen_ghosts_are_one_spoofing_alert_and_the_real_drone_keeps_its_rank(evening: Replayed) -> None:
    swarm = [alert for alert in evening.opened if alert.kind == "spoofing" and alert.evidence.get("tracks", 0) > 5]
    assert len(swarm) == 1
    ghosts = {
        event.track.number
        for event in evening.events
        if event.track.suspect and event.track.remarks & Remark.SHARED_TRANSMITTER
    }
    assert len(ghosts) == 15
    hobby = max(alert.priority for alert in evening.alerts if alert.uas_id == HOBBY)
    assert hobby > swarm[0].priority


def test_the_silent_sensor_is_told_and_comes_back(recording: Path, notices: Path, tmp_path: Path) -> None:
    registry = tmp_path / "airspace.toml"
    registry.write_text(
        "".join(f"[[sensor]]\nid = '{one.sensor_id}'\nsilent_after_s = 15\n" for one in scenario.SENSORS)
    )
    told = replay(recording, zones=[ZONES], notices=[notices], config=registry)
    tellings = [alert for alert in told.alerts if alert.group == "sensor-arena-noord"]
    assert [(alert.state, alert.reason) for alert in tellings][:1] == [(AlertState.OPENED, "sensor_silent")]
    assert (AlertState.CLOSED, "sensor_back") in [(alert.state, alert.reason) for alert in tellings]
    assert 170 < tellings[0].time_s - START_S < 190


def test_with_the_dutch_zones_a_match_day_flight_is_one_violation(
    real_data: Path, recording: Path, notices: Path
) -> None:
    dutch = real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json"
    told = replay(recording, zones=[dutch], notices=[notices])
    mine = [alert for alert in told.opened if alert.uas_id == HOBBY]
    assert [(alert.verdict, alert.group) for alert in mine] == [("violation", "ctr-eham")]
    assert mine[0].zone_id in {"7.1", "7.2"}


def test_with_a_matching_notice_it_is_none(real_data: Path, recording: Path, notices: Path, tmp_path: Path) -> None:
    dutch = real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json"
    document = msgspec.json.decode(notices.read_bytes())
    allowed = json.loads(json.dumps(document["notices"][0]))
    allowed["id"], allowed["uas_serials"] = "N-hobby", [HOBBY]
    allowed["volumes"][0]["volume"]["outline_circle"]["radius"]["value"] = 3000
    document["notices"].append(allowed)
    more = tmp_path / "notices.json"
    more.write_bytes(msgspec.json.encode(document))
    told = replay(recording, zones=[dutch], notices=[more])
    assert not [alert for alert in told.opened if alert.uas_id == HOBBY]
