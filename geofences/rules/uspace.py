"""Designated U-space airspace: a flight needs an authorisation of its U-space service provider.

Rests on: Regulation (EU) 2021/664 article 6 (obligations of operators), 8 and 10; article 1 takes out subcategory
A1 with a class C0 mark or privately built below 250 g and 19 m/s, model clubs and IFR: so an unauthorised Mini is
no offender. On only where ``Judge(uspace=True)``: the Netherlands has designated no U-space airspace. Form:
violation where the drone's own word (class C1 or higher, or Specific) puts it in scope and no notice matches;
suspected otherwise. Cannot know: network identification, weight, speed limits, an authorisation that the provider
did not send us.
"""

from __future__ import annotations

from typing import Final

from airspace.model.detection import EuClass
from airspace.model.verdict import Kind, VerdictValue
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, nothing, without_notice

RULE: Final = "uspace"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2021/664 art. 1, 6, 8, 10"
KIND: Final = Kind.ZONE
VALUES: Final = frozenset(
    {VerdictValue.ALLOWED, VerdictValue.VIOLATION, VerdictValue.SUSPECTED, VerdictValue.NOT_DECIDABLE}
)
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0
_MAY_BE_OUT_OF_SCOPE: Final = frozenset({EuClass.UNKNOWN, EuClass.C0})


def judge(case: Case) -> Finding:
    """A matching notice is the authorisation; without it, as sure as it is that the drone is in scope."""
    if not case.uspace:
        return nothing(uspace="off")
    finding = without_notice(case)
    if finding.value is not VerdictValue.VIOLATION:
        return finding
    in_scope = case.says_beyond_open or case.eu_class not in _MAY_BE_OUT_OF_SCOPE
    value = VerdictValue.VIOLATION if in_scope else VerdictValue.SUSPECTED
    evidence = case.claims if in_scope else {"scope": "unknown"} | case.claims
    return Finding(value=value, reason=finding.reason, evidence=finding.evidence | evidence)
