"""What a Dutch zone means beside its text: its day, its kind, and the law that it rests on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any, Final

from airspace.model.zone import Applicability, Predicate, Zone

TIME_ZONE: Final = "Europe/Amsterdam"
_FOURTH_OF_MAY: Final = Applicability(dates=(date(2000, 5, 4),), time_zone=TIME_ZONE)
_EU_LAW: Final = "Regulation (EU) 2019/947, Article 15"
_DUTCH_LAW: Final = ("Regeling ", "Besluit ")  # how the titles begin that the file names as authority

# Words of the names of sites where the hazard or the secret lies below, not in the air: zones 4, 5, 6
_SITES: Final = (
    ("risicos op zware ongevallen", "major-accident hazards (Seveso, BRZO)"),
    ("verbod vanuit beveiligingsoverwegingen", "a secured area"),
    ("beveiligd gebied of een locatie met vitale processen", "a secured or vital site"),
)


def interpret(zone: Zone) -> Zone:
    """The zone with what its predicate leaves open, and the law that it names."""
    zone = replace(zone, legal_basis=_legal_basis(zone))
    if zone.predicate is Predicate.USPACE:
        return _changed(
            zone,
            "kept as U-space airspace, which no rule judges unless it is switched on: none is designated in the"
            " Netherlands (ministry's file of 22 July 2024)",
            predicate=Predicate.USPACE,
        )
    if zone.predicate is Predicate.FOURTH_OF_MAY:
        place = re.search(r"\(([^)]+)\)", zone.name)
        return _changed(
            zone,
            "in force on 4 May only, local time, as its text says; the file says always",
            group=f"4-may-{place[1]}".lower() if place else zone.group,
            applicability=(_FOURTH_OF_MAY,),
        )
    if zone.predicate is Predicate.OPEN_FORBIDDEN:
        name = " ".join(zone.name.split()).replace("'", "")
        site = next((what for words, what in _SITES if words in name), None)
        if site:
            return _changed(
                zone,
                f"rule industry: by its name it is {site}; its text alone is that of every zone without Open category",
                predicate=Predicate.INDUSTRY,
            )
    return zone


def _changed(zone: Zone, why: str, **changes: Any) -> Zone:
    return replace(zone, overrides=(*zone.overrides, why), **changes)


def _legal_basis(zone: Zone) -> str:
    """The EU article, and the Dutch law where the file names one as authority."""
    texts = (" ".join(words.text.split()) for authority in zone.authorities for words in authority.name)
    return "; ".join(dict.fromkeys((_EU_LAW, *(text for text in texts if text.startswith(_DUTCH_LAW)))))
