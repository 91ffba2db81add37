"""A drone that is heard by its radio link and sends no Remote ID.

Rests on: Delegated Regulation (EU) 2019/945 part 6 and (EU) 2019/947 UAS.OPEN.020-040: direct remote identification
since 1 January 2024 for class C1, C2, C3 (C5, C6) and the Specific category. Form: suspected with low confidence,
never more: class C0, drones below 250 g and unmarked older ones in A1 and A3 need none (to be confirmed), so most
drones that this rule finds may be in order. Margin: none, but ten seconds in the air. Cannot know: class and
weight; a Remote ID that our receivers did not hear. DJI DroneID is an identity too and is not counted as missing.
"""

from __future__ import annotations

from typing import Final

from airspace.model.detection import Source
from airspace.model.lines import number
from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import Case, Finding
from geofences.rules.scene import Measured, Scene, measured, nameless

RULE: Final = "remote_id_missing"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2019/945 part 6; (EU) 2019/947 UAS.OPEN.020-040"
KIND: Final = Kind.REMOTE_ID
VALUES: Final = frozenset({VerdictValue.SUSPECTED})
MARGIN: Final = "no identity from any receiver since it was first heard"
LEAST_FIXES: Final = 2
LEAST_S: Final = 10.0
GROUP: Final = "remote-id-missing"
NAMES: Final = ("de plicht om een identiteit uit te zenden", "the duty to broadcast an identity")


def measure(scene: Scene) -> Measured:
    """The condition: heard as radio emission only, and never named."""
    tracks = scene.tracks
    found = measured(len(tracks))
    by_radio = (tracks.source != Source.REMOTE_ID) & (tracks.source != Source.DJI)  # else it sent one, unreadable here
    found.level[nameless(tracks) & by_radio] = 1
    return found


def judge(case: Case) -> Finding:
    """Suspected, with how little that says: ``detection_confidence`` is that of there being a drone at all."""
    evidence = {
        "confidence": "low",
        "detection_confidence": number(case.confidence, 2),
        "may_be_exempt": ["class_c0", "below_250_g", "unmarked_legacy"],
    }
    return Finding(value=VerdictValue.SUSPECTED, reason=Reason.REMOTE_ID_MISSING, evidence=evidence)
