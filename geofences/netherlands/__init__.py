"""What the Dutch zone set means: its rules stand in free text, its names are working titles.

Sources: the ministry's ED-269 file (774 zones, title of 22 July 2024); AIP NL ENR 5.1, ENR 5.3 and AD 2; the Regeling
beperking of verbod uitoefening burgerluchtverkeer in bepaalde gebieden 2014 (BWBR0034883). What is changed from the
file is recorded in ``Zone.overrides`` with its reason and source; what could not be sourced stays as it is published.

- ``messages``: six texts say all rules. An unknown one is never guessed at: the zone becomes undecidable.
- ``control_zones``: which control zone a volume is of, tops above mean sea level, Schiphol CTR 2 and 3.
- ``overrides``: 4 May, hazardous and secured sites, U-space, and what law the file itself names.
- ``areas``: hours in local time and limits above mean sea level of the prohibited and the military areas.
- ``names``: how a sentence names a zone.

Left out: activation by NOTAM. The law puts most military areas (EHTRA, EHTSA, EHD, EHR 2, EHR 49 and others) in force
by NOTAM only; the file says always, and so do we. Opening hours of control zones: the file has them in force at night.
"""

from __future__ import annotations

from airspace.model.zone import Oddity, Zone
from geofences.netherlands import areas, control_zones, messages, names, overrides
from geofences.netherlands.control_zones import additions

__all__ = ["additions", "interpret"]


def interpret(zone: Zone) -> tuple[Zone, tuple[Oddity, ...]]:
    """The zone with its predicate, hours, limits, group and names; oddities are for its owner to settle."""
    zone, unknown = messages.interpret(zone)
    zone, hours = areas.interpret(overrides.interpret(zone))
    return control_zones.interpret(zone) or names.interpret(zone), unknown + hours
