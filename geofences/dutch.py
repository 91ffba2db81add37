"""What the Dutch zone set means: its rules stand in free text, its names are working titles.

Source: the ministry's ED-269 file (774 zones, title of 22 July 2024) and AIP NL ENR 5.3, AD 2. Six message texts say
all rules; an unknown text is never guessed at: the zone becomes undecidable and its owner is warned. Whatever is
changed from the file is recorded in ``Zone.overrides``.

Left out: local hours of EHR 3A and the like (the published UTC hours are one too long; the law text of 2014 needs a
check by hand), CTR 2 and 3 of Schiphol, which are not in the file.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Final

from airspace.model.zone import Applicability, Circle, Datum, Oddity, Predicate, Volume, Zone

_PREDICATES: Final = {
    "open cat vluchten zijn hier verboden spec cat vluchten vereisen een privilege op de exploitatievergunning "
    "flights in the open cat are not allowed in spec cat a privilege on the oa is required": Predicate.OPEN_FORBIDDEN,
    "vluchten in de open categorie zijn hier niet toegestaan "
    "flights in the open category are not allowed here": Predicate.OPEN_FORBIDDEN,
    "alle vuchten zijn hier verboden tenzij er toestemming is gegeven door de militaire luchverkeersdienstverlener "
    "all flights are prohibited unless permission is granted military air traffic control": (
        Predicate.MILITARY_PERMISSION
    ),
    "open a1 2 toegestaan tot max 30m hoogte boven de grond a3 niet toegestaan "
    "open a1 2 are allowed up to a max height of 30m above the ground a3 not allowed": Predicate.OPEN_MAX_30_M,
    "alle vluchten zijn hier verboden op 4 mei all flights are prohibted on the 4th of may": Predicate.FOURTH_OF_MAY,
    "alle vluchten zijn hier verboden all flights are prohibited here": Predicate.ALL_FORBIDDEN,
}
_FOURTH_OF_MAY: Final = Applicability(dates=(date(2000, 5, 4),), time_zone="Europe/Amsterdam")

_CTR: Final = re.compile(r"(?:\b(?P<icao>E[DH][A-Z]{2}) )?(?P<name>(?:D[Ee] )?[A-Z][A-Z-]+) CTR\b")
_NEAR_AERODROME: Final = "nabijheid van vliegveld voor bemand luchtverkeer"
# Zones whose name says nothing, or the wrong thing: (latitude, longitude) of the centre or first corner, and what they
# are. The circles of Eindhoven and Volkel stand a second time in the file, under the name of De Peel.
_MISNAMED: Final = (
    (52.05972, 5.87194, "EHDL", "DEELEN"),
    (52.46778, 5.41972, "EHLE", "LELYSTAD"),
    (51.45000, 5.37444, "EHEH", "EINDHOVEN"),
    (51.65722, 5.70778, "EHVL", "VOLKEL"),
)
_SAME_PLACE_DEG: Final = 1e-4
_MISNAMED_WORD: Final = ""  # instead of the name that says so

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


def interpret(zone: Zone) -> tuple[Zone, tuple[Oddity, ...]]:
    """The zone with its predicate, hours, group and names; an oddity where its message is unknown."""
    predicate = predicate_of(zone.message)
    oddities: tuple[Oddity, ...] = ()
    if predicate is Predicate.UNKNOWN:
        oddities = (Oddity(place=zone.zone_id, what=f"unknown rule text {zone.message!r}: nothing is decided here"),)
    zone = replace(zone, predicate=predicate)
    if predicate is Predicate.FOURTH_OF_MAY:
        place = re.search(r"\(([^)]+)\)", zone.name)
        zone = replace(
            zone,
            group=f"4-may-{place[1]}".lower() if place else zone.group,
            applicability=(_FOURTH_OF_MAY,),
            overrides=(*zone.overrides, "in force on 4 May only, as its text says; the file says always"),
        )
    aerodrome = _aerodrome(zone)
    return (_control_zone(zone, *aerodrome) if aerodrome else _named(zone)), oddities


def predicate_of(message: str | None) -> Predicate:
    """What a message text of the ministry asks; letters and digits count, case and signs do not."""
    words = re.sub(r"[^a-z0-9]+", " ", (message or "").casefold()).strip()
    return _PREDICATES.get(words, Predicate.UNKNOWN)


def _aerodrome(zone: Zone) -> tuple[str | None, str, str] | None:
    """(ICAO code, name, the name that says so) of the aerodrome whose control zone this is."""
    if not zone.name.casefold().startswith(_NEAR_AERODROME):
        return None
    latitude, longitude = _first_point(zone.volumes[0])
    for there_latitude, there_longitude, icao, name in _MISNAMED:
        close = abs(latitude - there_latitude) < _SAME_PLACE_DEG and abs(longitude - there_longitude) < _SAME_PLACE_DEG
        if close and f"{icao} " not in zone.name:
            return icao, name, _MISNAMED_WORD
    match = _CTR.search(zone.name)
    return (match["icao"], match["name"], zone.name) if match else None


def _first_point(volume: Volume) -> tuple[float, float]:
    if isinstance(volume.shape, Circle):
        return volume.shape.latitude_deg, volume.shape.longitude_deg
    longitude, latitude = volume.shape.rings[0][0]
    return latitude, longitude


def _control_zone(zone: Zone, icao: str | None, name: str, told: str) -> Zone:
    place = name.title()
    overrides = list(zone.overrides)
    if told == _MISNAMED_WORD:
        overrides.append(f"group {place}: it is that aerodrome's geometry; the file names it {zone.name!r}")
    overrides.append("upper limit AMSL: AIP NL gives control zones in feet AMSL, the file says AGL")
    return replace(
        zone,
        group=f"ctr-{(icao or place.replace(' ', '-')).lower()}",
        group_name_nl=f"de CTR {place}",
        group_name_en=f"the {place} CTR",
        volumes=tuple(replace(volume, upper_datum=Datum.AMSL) for volume in zone.volumes),
        overrides=tuple(overrides),
    )


def _named(zone: Zone) -> Zone:
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
