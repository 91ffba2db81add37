"""What receivers hear of the messages: rows of Remote ID, heard by none, one or several, delivered soon or late."""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Flag, Numbers, Rows, Source, Texts, texts
from airspace.simulation.contents import Columns
from airspace.simulation.fleet import Fleet
from airspace.simulation.messages import RADIOS, Messages
from airspace.simulation.radio import DELAY_S, FADING_DB, chance_to_hear, received_dbm
from airspace.simulation.settings import Settings, Spoof
from airspace.simulation.sites import Sites

HOUR_S: Final = 3600.0
SKEW_LIMIT_S: Final = 5.0  # as the decoder flags it
_TENTHS: Final = 10
_SENSITIVITY_DBM: Final = np.array([radio.sensitivity_dbm for radio in RADIOS])


def receive(
    messages: Messages,
    said: tuple[Columns, Bits],
    fleet: Fleet,
    sites: Sites,
    settings: Settings,
    rng: np.random.Generator,
) -> tuple[Columns, Rows]:
    """Rows of Remote ID, without ``content_id``, in no order; and whose each is."""
    columns, said_tenths = said
    heard, site, rssi_dbm = _heard(messages, sites, settings, rng)
    received_s, logged_s = times(messages.sent_s[heard], sites.ahead_s[site], settings, rng)
    time_s = _folded(said_tenths[heard], received_s)
    late = np.abs(time_s - received_s) > SKEW_LIMIT_S
    rows = {name: values[heard] for name, values in columns.items()}
    rows |= {
        "time_s": time_s,
        "received_s": received_s,
        "logged_s": logged_s,
        "source": np.full(len(heard), int(Source.REMOTE_ID), dtype=np.int8),
        "sensor": texts(sites.names)[site],
        "transmitter": _addresses(messages, fleet)[heard],
        "rssi_dbm": np.rint(rssi_dbm),
        "flags": np.where(late, int(Flag.SKEW), 0).astype(np.int64),
    }
    return rows, messages.aircraft[heard]


def times(sent_s: Numbers, ahead_s: Numbers, settings: Settings, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """When a sensor says that it heard it, by its own clock, and when its report came: epoch, whole milliseconds."""
    n = len(sent_s)
    arrived_s = settings.start_s + sent_s + rng.uniform(*DELAY_S, n)
    late_s = np.where(rng.random(n) < settings.late_share, rng.uniform(0.0, settings.late_s, n), 0.0)
    return np.rint((settings.start_s + sent_s + ahead_s) * 1000.0) / 1000.0, np.rint((arrived_s + late_s) * 1e3) / 1e3


def _heard(
    messages: Messages, sites: Sites, settings: Settings, rng: np.random.Generator
) -> tuple[Rows, Rows, Numbers]:
    """Message and receiver of each report, and how loud it was."""
    shape = (len(messages), len(sites))
    distance_m = np.hypot(
        messages.east_m[:, None] - sites.east_m[None, :], messages.north_m[:, None] - sites.north_m[None, :]
    )
    power_dbm = received_dbm(distance_m, messages.height_m[:, None]) + rng.normal(0.0, FADING_DB, shape)
    chance = chance_to_hear(power_dbm, _SENSITIVITY_DBM[messages.radio][:, None]) * (1.0 - settings.loss_share)
    heard, site = np.nonzero(rng.random(shape) < chance)
    return heard, site, power_dbm[heard, site]


def _folded(said_tenths: Bits, received_s: Numbers) -> Numbers:
    """A message says the part after the hour; the hour is the one nearest to the receive time."""
    after_s = (said_tenths % (_TENTHS * round(HOUR_S))) / _TENTHS
    time_s = np.rint((received_s - after_s) / HOUR_S) * HOUR_S + after_s
    return np.where(said_tenths == 0, np.nan, time_s)


def _addresses(messages: Messages, fleet: Fleet) -> Texts:
    """Of each message: an address of its own for each radio and rotation; some ghosts share one."""
    epochs = int(messages.epoch.max(initial=0)) + 1
    shared = np.flatnonzero(fleet.spoof == Spoof.ONE_ADDRESS)
    whose = np.arange(len(fleet))
    whose[shared] = shared[:1] if len(shared) else 0
    made: Texts = texts(
        [
            f"DE:{one >> 8 & 0xFF:02X}:{one & 0xFF:02X}:{radio:02X}:{epoch >> 8 & 0xFF:02X}:{epoch & 0xFF:02X}"
            for one in range(len(fleet))
            for radio in range(len(RADIOS))
            for epoch in range(epochs)
        ]
    )
    index = (whose[messages.aircraft] * len(RADIOS) + messages.radio) * epochs + messages.epoch
    addresses: Texts = made[index]
    return addresses
