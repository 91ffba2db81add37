"""How each part of the service does: one state, since when, what it is, what to do. Words only.

The words of trouble are few and stable: metrics, alerts, the console and docs/runbook.md speak them. What a word means
stands once, in ``TROUBLES``; a part that is well has no word.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DEAF_AFTER_S: Final = 5.0  # as long as a picture may be old: a link that comes back sooner cries no wolf


class HealthLevel(StrEnum):
    """How well a part does."""

    OK = "ok"
    DEGRADED = "degraded"  # something is missing, what is shown is still true
    DOWN = "down"  # this part does nothing just now


class Trouble(StrEnum):
    """What can be wrong with a part."""

    STARTING = "starting"
    LINK_LOST = "link_lost"
    REFUSED_BY_PEER = "refused_by_peer"
    SESSION_TAKEN = "session_taken"
    SESSION_FORGOTTEN = "session_forgotten"
    DATABASE_NOT_REACHED = "database_not_reached"
    DATABASE_REFUSES = "database_refuses"
    DATABASE_SLOW = "database_slow"
    DATABASE_TAKEN = "database_taken"
    DATABASE_NEWER = "database_newer"
    TICK_OLD = "tick_old"
    ENTRIES_LEFT_OUT = "entries_left_out"
    ROOM_SHORT = "room_short"
    LAST_GOOD_SET = "last_good_set"
    PARTLY_READ = "partly_read"
    NOT_KNOWN = "not_known"
    NO_SENSORS = "no_sensors"
    CHANNEL_FAILS = "channel_fails"
    LINE_PASSED_OVER = "line_passed_over"
    CLOCK_STEPPED = "clock_stepped"
    CLOCK_FOLLOWED = "clock_followed"
    DISK_SHORT = "disk_short"
    STATE_NOT_KEPT = "state_not_kept"
    STATE_LEFT = "state_left"
    FAULT_OF_OURS = "fault_of_ours"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a word of trouble says to whoever is on duty.

    ``blinds``: while it lasts, no empty sky may be believed. ``deafens_after_s``: when it has lasted so long, what some
    sensors hear does not come.
    """

    level: HealthLevel
    what: str
    do: str
    blinds: bool = False
    deafens_after_s: float | None = None  # None: never
    lasts_s: float | None = None  # told of one event, it is over by itself so long after the last


TROUBLES: Final[dict[Trouble, Meaning]] = {
    Trouble.STARTING: Meaning(
        level=HealthLevel.DOWN,
        what="It has not done anything yet since the start.",
        do="Wait half a minute; if it stays, look at the log.",
    ),
    Trouble.LINK_LOST: Meaning(
        level=HealthLevel.DOWN,
        what="The other end does not answer.",
        do="Check the host, its network and its service; the link comes back by itself.",
        deafens_after_s=DEAF_AFTER_S,
    ),
    Trouble.REFUSED_BY_PEER: Meaning(
        level=HealthLevel.DOWN,
        what="The other end answers and refuses us.",
        do="Check name, password, certificate and rights; nothing needs a restart afterwards.",
        deafens_after_s=DEAF_AFTER_S,
    ),
    Trouble.SESSION_TAKEN: Meaning(
        level=HealthLevel.DOWN,
        what="The broker ends our session again and again: as a rule another program uses the same MQTT identifier.",
        do="Give each service its own [[mqtt]] identifier, or stop the other one; if there is none, look at the link.",
        deafens_after_s=DEAF_AFTER_S,
    ),
    Trouble.SESSION_FORGOTTEN: Meaning(
        level=HealthLevel.DEGRADED,
        what="The broker no longer knew our session: what was published while we were away is lost.",
        do="Give the broker persistence (deploy/mosquitto.conf), or find out who emptied it; note the gap.",
        lasts_s=3600.0,
    ),
    Trouble.DATABASE_NOT_REACHED: Meaning(
        level=HealthLevel.DOWN,
        what="The database does not answer: nothing is stored, nothing new is shown or told.",
        do="Start the database or its host. What the broker holds is stored when it is back; nothing needs a restart.",
        blinds=True,
    ),
    Trouble.DATABASE_REFUSES: Meaning(
        level=HealthLevel.DOWN,
        what="The database answers and takes nothing: it is read-only, full or restored without our tables, or a right"
        " was revoked.",
        do="Read the reason, mend it in the database; the service goes on by itself.",
        blinds=True,
    ),
    Trouble.DATABASE_SLOW: Meaning(
        level=HealthLevel.DEGRADED,
        what="The database takes long: more than three seconds for a commit, or not done in time.",
        do="Look for locks, a backup or a full disk in the database.",
        lasts_s=60.0,
    ),
    Trouble.DATABASE_TAKEN: Meaning(
        level=HealthLevel.DOWN,
        what="Another service writes to this database.",
        do="Stop one of the two. This one takes over when the other is gone.",
        blinds=True,
    ),
    Trouble.DATABASE_NEWER: Meaning(
        level=HealthLevel.DEGRADED,
        what="A newer version of this program changed the tables.",
        do="Run that version again; this one stores what it knows of, and what is missing then stays missing.",
    ),
    Trouble.TICK_OLD: Meaning(
        level=HealthLevel.DOWN,
        what="The last second of the picture was committed more than five seconds ago.",
        do="Look at the database first, then at the other parts; if all are well, restart the service.",
        blinds=True,
    ),
    Trouble.ENTRIES_LEFT_OUT: Meaning(
        level=HealthLevel.DEGRADED,
        what="A fault of ours: messages that the service could not work were set aside in quarantine.",
        do="Send us the quarantine's rows with this reason; everything else goes on.",
        lasts_s=600.0,
    ),
    Trouble.ROOM_SHORT: Meaning(
        level=HealthLevel.DEGRADED,
        what="More signals than can be followed: some detections are stored and not followed.",
        do="Expect a flood or a spoofer; believe no empty sky until it is over.",
    ),
    Trouble.LAST_GOOD_SET: Meaning(
        level=HealthLevel.DEGRADED,
        what="A file cannot be used as it is now; the last good set stays in force.",
        do="Mend the file that is named; it is read again by itself.",
    ),
    Trouble.PARTLY_READ: Meaning(
        level=HealthLevel.DEGRADED,
        what="A part of a file could not be read and is not in force; the rest is.",
        do="Mend what is named in the file; it is read again by itself.",
    ),
    Trouble.NOT_KNOWN: Meaning(
        level=HealthLevel.DEGRADED,
        what="There are none in force: what is allowed cannot be said.",
        do="Name files in the configuration, or renew those that are over.",
    ),
    Trouble.NO_SENSORS: Meaning(
        level=HealthLevel.DEGRADED,
        what="No sensor is known: nothing is heard, and an empty sky says nothing.",
        do="Register each sensor: a [[sensor]] entry in the configuration; airspace doctor says the rest.",
    ),
    Trouble.CHANNEL_FAILS: Meaning(
        level=HealthLevel.DOWN,
        what="This way of telling people does not work now; everything waits in its queue.",
        do="Look at the other end; until then tell people another way.",
    ),
    Trouble.LINE_PASSED_OVER: Meaning(
        level=HealthLevel.DEGRADED,
        what="This channel refused a line for good; the line was passed over.",
        do="Read the reason; the alert stands on the console.",
        lasts_s=600.0,
    ),
    Trouble.CLOCK_FOLLOWED: Meaning(
        level=HealthLevel.DEGRADED,
        what="The service's time has just followed the machine's clock: drones and sensors are found anew.",
        do="Wait twenty seconds; drones that were in the air count as new flights. Look at time synchronisation.",
        deafens_after_s=-1.0,  # at once
    ),
    Trouble.CLOCK_STEPPED: Meaning(
        level=HealthLevel.DEGRADED,
        what="The clock of this machine jumped.",
        do="Check time synchronisation; times of the minutes before may be wrong.",
    ),
    Trouble.DISK_SHORT: Meaning(
        level=HealthLevel.DEGRADED,
        what="Little room is left on the disk.",
        do="Make room; recordings stop first, then the database.",
    ),
    Trouble.STATE_LEFT: Meaning(
        level=HealthLevel.DEGRADED,
        what="What the service knew before its start could not be taken up: drones in the air then are new ones now.",
        do="Expect alerts that are told again and flights that count twice; look up who had taken an alert.",
        lasts_s=600.0,
    ),
    Trouble.STATE_NOT_KEPT: Meaning(
        level=HealthLevel.DEGRADED,
        what="What is known now would be lost in a restart: drones in the air would be counted and told anew.",
        do="Name a folder in memory in [state]; until then restart only when nothing flies.",
    ),
    Trouble.FAULT_OF_OURS: Meaning(
        level=HealthLevel.DEGRADED,
        what="A fault of ours stopped this part; it was started again.",
        do="Send us the log; if it repeats every minute, this part does not work.",
    ),
    Trouble.STOPPED: Meaning(
        level=HealthLevel.DOWN,
        what="A fault of ours stops this part again and again; it is tried once a minute.",
        do="Restart the service once; then send us the log.",
        blinds=True,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """How one part does. ``detail`` names what, where, how many; never a person or a drone."""

    level: HealthLevel
    since_s: float  # UTC epoch seconds
    told_s: float  # when it last said so
    trouble: Trouble | None = None
    detail: str = ""

    @property
    def what(self) -> str:
        """One sentence for people; empty for a part that is well."""
        if self.trouble is None:
            return ""
        return " ".join(filter(None, (TROUBLES[self.trouble].what, self.detail)))

    @property
    def do(self) -> str:
        """What to do about it."""
        return "" if self.trouble is None else TROUBLES[self.trouble].do

    @property
    def blinds(self) -> bool:
        """Whether an empty sky says nothing while this lasts."""
        return self.trouble is not None and TROUBLES[self.trouble].blinds

    def deafens(self, now_s: float) -> bool:
        """Whether what some sensors hear does not come now."""
        after_s = None if self.trouble is None else TROUBLES[self.trouble].deafens_after_s
        return after_s is not None and now_s - self.since_s > after_s
