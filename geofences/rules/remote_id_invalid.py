"""An identity that is not of the form that the law asks for.

Rests on: Delegated Regulation (EU) 2019/945 part 6 (serial number by ANSI/CTA-2063-A) and (EU) 2019/947 article 14 with
ED-282: operator number of three letters of the state and thirteen characters. Form: suspected, never more. Margin: the
same fault in three sightings over ten seconds, as a bit error does not last. Cannot know: whether the operator number
exists: its check digit is computed with the three secret characters, which must not be sent and are never kept here. An
id that the drone does not call a serial number is not checked, nor are the identities of DJI DroneID.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from airspace.model.detection import IdType, Source
from airspace.model.identity import is_operator_id
from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import Case, Finding
from geofences.rules.scene import Measured, Scene, measured

RULE: Final = "remote_id_invalid"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2019/945 part 6 (CTA-2063-A); (EU) 2019/947 art. 14"
KIND: Final = Kind.REMOTE_ID
VALUES: Final = frozenset({VerdictValue.SUSPECTED})
MARGIN: Final = "the same fault in three sightings"
LEAST_FIXES: Final = 3
LEAST_S: Final = 10.0  # an operator number comes every three seconds: one that was misheard is put right by then
GROUP: Final = "remote-id-invalid"
NAMES: Final = ("de vorm van de identiteit", "the form of the identity")

_MAKER_CHARACTERS: Final = 4
_ALPHABET: Final = frozenset("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ")  # without O and I
_LENGTHS: Final = {code: length for length, code in enumerate("123456789ABCDEF", start=1)}
_REMEMBERED: Final = 32_768


def measure(scene: Scene) -> Measured:
    """The condition: where a Remote ID names a malformed serial or operator number."""
    tracks = scene.tracks
    found = measured(len(tracks))
    rows = np.flatnonzero((tracks.source == Source.REMOTE_ID) & (tracks.sightings >= LEAST_FIXES))
    said = (tracks.uas_id, tracks.uas_id_type, tracks.operator_id)
    faulty = list(map(faults, *(column[rows].tolist() for column in said)))
    if any(faulty):
        found.level[rows] = [bool(each) for each in faulty]
    return found


@lru_cache(maxsize=_REMEMBERED)
def faults(uas_id: str | None, uas_id_type: int, operator_id: str | None) -> tuple[str, ...]:
    """Which checks fail; what is not said is no fault here."""
    found = _serial_faults(uas_id) if uas_id is not None and uas_id_type == IdType.SERIAL else ()
    if operator_id is not None and not is_operator_id(operator_id):
        found = (*found, "operator_id_form")
    return found


def _serial_faults(serial: str) -> tuple[str, ...]:
    """CTA-2063-A: maker code, length code, as many characters as that says; digits and capitals without O and I."""
    rest = serial[_MAKER_CHARACTERS + 1 :]
    code = serial[_MAKER_CHARACTERS : _MAKER_CHARACTERS + 1]
    checks = {
        "serial_alphabet": _ALPHABET.issuperset(serial),
        "serial_length_code": code in _LENGTHS,
        "serial_length": code not in _LENGTHS or len(rest) == _LENGTHS[code],
    }
    return tuple(name for name, good in checks.items() if not good)


def judge(case: Case) -> Finding:
    """Suspected, with the checks that failed and the one that cannot be made."""
    evidence = {
        "failed": list(faults(case.uas_id, case.uas_id_type, case.operator_id)),
        "operator_checksum": "not checked: it needs the secret characters, which are never kept",
    }
    return Finding(value=VerdictValue.SUSPECTED, reason=Reason.REMOTE_ID_INVALID, evidence=evidence)
