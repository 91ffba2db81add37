from __future__ import annotations

import numpy as np
import psycopg
import pytest

from airspace.model.detection import texts
from airspace.model.message import RejectReason
from airspace.model.privacy import Privacy
from airspace.store.writer import Store
from tests.airspace.store_examples import ENFORCEMENT, STATISTICS, alert, detections, flight, heard, reject, verdict
from tests.servers.postgres import dump, rows

SERIAL = "CANARYSERIAL01"
OPERATOR = "NLDcanary1234567"
MAC = "C0:FF:EE:CA:FE:01"
SELF_ID = "canary words"
PILOT_LATITUDE, PILOT_LONGITUDE = 52.3456789, 4.8765432
LATITUDE, LONGITUDE = 52.3141592, 4.9421356
PERSONAL = [SERIAL, OPERATOR, SELF_ID, "52.345678", "4.876543", "52.314159", "4.942135"]
PAYLOAD = f"{SERIAL} {OPERATOR} {MAC} {SELF_ID} {PILOT_LATITUDE} {PILOT_LONGITUDE}"


async def _planted(url: str, privacy: Privacy) -> str:
    rows = detections(
        2,
        uas_id=texts([SERIAL, None]),
        alias_id=texts([None, SERIAL]),
        operator_id=texts([OPERATOR, OPERATOR]),
        transmitter=texts([MAC, MAC]),
        self_id=texts([SELF_ID, SELF_ID]),
        latitude_deg=np.full(2, LATITUDE),
        longitude_deg=np.full(2, LONGITUDE),
        operator_latitude_deg=np.full(2, PILOT_LATITUDE),
        operator_longitude_deg=np.full(2, PILOT_LONGITUDE),
        height_m=np.array([1e300, 50.0]),  # refused: what stands in quarantine for it must not tell either
    )
    kept = detections(
        1,
        "kept",
        **{
            name: getattr(rows, name)[:1]
            for name in (
                "uas_id", "operator_id", "transmitter", "self_id", "latitude_deg", "longitude_deg",
                "operator_latitude_deg", "operator_longitude_deg",
            )
        },
    )  # fmt: skip
    told = privacy.alert(alert(uas_id=SERIAL, latitude_deg=None, longitude_deg=None, evidence={"uas_id": SERIAL}))
    refused = reject(detail=PAYLOAD, place=f"drones/{SERIAL}", payload=PAYLOAD.encode())
    unknown = reject(1, sensor=MAC, reason=RejectReason.SENSOR_UNKNOWN, detail="", payload=b"", place="")
    async with Store.open(url, privacy) as store:
        await store.commit(
            heard(rows, "f1", flights=(flight(),), verdicts=(verdict(),), alerts=(told,), rejects=(refused,))
        )
        await store.commit(heard(kept, "f1", rejects=(unknown,) if privacy is STATISTICS else ()))
    return dump(url)


async def test_statistics_mode_stores_nobody(url: str) -> None:
    held = await _planted(url, STATISTICS)
    for canary in [*PERSONAL, MAC, MAC.replace(":", "")]:
        assert canary.lower() not in held.lower()
        assert canary.encode().hex() not in held
    pseudonym = STATISTICS.pseudonym("uas", SERIAL)
    assert rows(url, "select pseudonym, cell is not null from detection where pseudonym is not null") == [
        (pseudonym, True)
    ]
    assert rows(url, "select pseudonym from flight") == [(pseudonym,)]


async def test_enforcement_mode_stores_them_and_never_a_transmitter(url: str) -> None:
    held = await _planted(url, ENFORCEMENT)
    for canary in [SERIAL, OPERATOR, "52.345678", "4.876543", "52.314159", "4.942135"]:
        assert canary in held  # or the scan of the other test would prove nothing
    for canary in [MAC, MAC.replace(":", "")]:
        assert canary.lower() not in held.lower()
        assert canary.encode().hex() not in held
    assert PAYLOAD[: len(SERIAL)].encode().hex() in held  # the rest of a refused payload is kept


@pytest.mark.parametrize("word", ["mac", "transmitter", "image", "photo", "video"])
def test_no_column_for_what_is_never_stored(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and column_name ~ %s",
            (rf"(^|_){word}(_|$)",),
        )
        assert cursor.fetchall() == []
