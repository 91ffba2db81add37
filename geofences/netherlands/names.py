"""How a sentence names a Dutch zone, in Dutch and in English.

The file's names are working titles ("Nabijheid van vliegveld voor bemand luchtverkeer EHAM SCHIPHOL CTR 1"), many the
same for a hundred zones; those are told apart by their identifier.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from airspace.model.zone import Zone

# (pattern of the name, Dutch, English): how a sentence names the zone
_NAMES: Final = (
    (
        r"(?P<n>EH[PRD] ?\d+[A-Z]?) ?\((?P<p>[^;)]+)",
        "het verboden gebied {n} ({p})",
        "the prohibited area {n} ({p})",
        "EHP",
    ),
    (
        r"(?P<n>EH(?:TRA|TSA|R|D) ?\d+[A-Za-z]?)(?: \((?P<p>[^;)]+))?",
        "het militaire gebied {n}{q}",
        "the military area {n}{q}",
        "Defensie oefengebied",
    ),
    (r"(?P<n>EHTSA ?\d+[a-z]?) \((?P<p>[^)]+)", "het herdenkingsgebied {p}", "the remembrance area {p}", "4 mei"),
    (r"(?P<n>GLV [IVX]+)", "het laagvlieggebied {n}", "the low-flying area {n}", "laagvlieg"),
    (r"(?P<n>.+?),? laagvlieg", "het laagvlieggebied {n}", "the low-flying area {n}", "laagvlieg"),
    (
        r"helikopters +(?P<n>.+?)(?: Locatie.*)?$",
        "het oefengebied voor blushelikopters {n}",
        "the fire-fighting helicopter training area {n}",
        "blusinstallatie",
    ),
    (r"(?P<n>EH[A-Z]{2}) nabijheid", "de omgeving van vliegveld {n}", "the surroundings of aerodrome {n}", "nabijheid"),
    (
        r"landingsplaats (?P<n>\S.*)$",
        "de helikopterlandingsplaats {n}",
        "the helicopter landing site {n}",
        "HELIKOPTER",
    ),
    (r"(?P<n>.+?) +Defensiegebied", "het defensiegebied {n}", "the defence area {n}", "Defensiegebied"),
    (r"(?P<n>.+?) Havengebied", "het havengebied {n}", "the port area {n}", "Havengebied"),
    (r"Millieubeschermingsgebied (?P<n>.+)", "het natuurgebied {n}", "the nature area {n}", "Millieubescherm"),
)
_KINDS: Final = (
    ("HELIKOPTER", "een helikopterlandingsplaats", "a helicopter landing site"),
    ("Industriegebied", "een industriegebied met risico's", "an industrial area with hazards"),
    ("verbod vanuit beveiligingsoverwegingen", "een beveiligd gebied", "a secured area"),
    ("beveiligd gebied of een locatie", "een beveiligde locatie", "a secured site"),
    ("Verboden gebied", "een verboden gebied", "a prohibited area"),
    ("Defensie", "een militair gebied", "a military area"),
    ("nabijheid van vliegveld", "de omgeving van een vliegveld", "the surroundings of an aerodrome"),
)


def interpret(zone: Zone) -> Zone:
    """The zone as a sentence names it; one that nothing fits keeps the name of its reader."""
    for pattern, dutch, english, word in _NAMES:
        match = re.search(pattern, zone.name) if word in zone.name else None
        if match:
            parts = {key: " ".join((value or "").split()) for key, value in match.groupdict().items()}
            parts["q"] = f" ({parts['p']})" if parts.get("p") else ""
            return replace(zone, group_name_nl=dutch.format(**parts), group_name_en=english.format(**parts))
    for word, dutch, english in _KINDS:
        if word in zone.name:
            told = f" ({zone.zone_id})"
            return replace(zone, group_name_nl=dutch + told, group_name_en=english + told)
    return zone
