"""A rule as the rest of the house sees it: its function and what its file says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from airspace.model.verdict import Kind, VerdictValue
from geofences.rules.case import Case, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Name and version as verdicts carry them; the values it can give, and when it speaks."""

    name: str
    version: str
    article: str
    kind: Kind
    values: frozenset[VerdictValue]
    margin: str  # by how much it must be so
    least_fixes: int  # and how often in a row
    least_s: float  # and for how long without a break
    judge: Callable[[Case], Finding]


def rule_from(module: ModuleType) -> Rule:
    """The rule that a file of this folder holds."""
    return Rule(
        name=module.RULE,
        version=module.VERSION,
        article=module.ARTICLE,
        kind=module.KIND,
        values=module.VALUES,
        margin=module.MARGIN,
        least_fixes=module.LEAST_FIXES,
        least_s=module.LEAST_S,
        judge=module.judge,
    )
