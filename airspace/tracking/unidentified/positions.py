"""The work on the positions of one instant of one sensor."""

from __future__ import annotations

import numpy as np

from airspace.model.detection import Bits, Rows
from airspace.tracking.unidentified.association import Pairs, candidates, chosen
from airspace.tracking.unidentified.bank import Ahead
from airspace.tracking.unidentified.explanation import PLACE_GATE
from airspace.tracking.unidentified.scan import Scan
from airspace.tracking.unidentified.sightings import Sightings
from airspace.tracking.unidentified.turn import Turn


def work_positions(turn: Turn, plain: Rows, explained: Rows) -> None:
    """Rows that no identified track explains, and rows that one does."""
    bank = turn.roster.bank
    time_s = float(turn.rows.time_s[plain[0] if len(plain) else explained[0]])
    ahead = bank.ahead(time_s)
    scan = _scan(turn.rows, plain, time_s)
    near = candidates(bank, scan, ahead)
    pairs = chosen(bank, near)
    _note_rivals(turn, near, pairs)
    if len(explained) and len(bank):
        other = _scan(turn.rows, explained, time_s)
        rescued = _rescued(turn, other, ahead, explained, bank.number[pairs.track])
        if len(rescued.track):
            _feed(turn, explained, other, ahead, rescued)
            turn.hear(rescued.track, explained.take(rescued.detection))
    _feed(turn, plain, scan, ahead, pairs)
    alone = np.ones(len(plain), dtype=np.bool_)
    alone[pairs.detection] = False
    alone &= ~turn.near[plain]
    opened, part = _open(turn, plain[alone], time_s)
    at = np.concatenate((pairs.track, opened))
    if len(at):
        turn.hear(at, np.concatenate((plain.take(pairs.detection), part)))


def _open(turn: Turn, part: Rows, time_s: float) -> tuple[Rows, Rows]:
    """The new emitters' rows of the bank, and the positions they are at: of one moment in the order of the places."""
    if not len(part):
        return part, part
    rows = turn.rows
    part = part.take(np.lexsort((rows.longitude_deg.take(part), rows.latitude_deg.take(part))))
    at = turn.roster.open_places(turn.rows, part, time_s)
    turn.opened += turn.roster.ledger.number.take(at).tolist()
    return at, part[: len(at)]


def _feed(turn: Turn, part: Rows, scan: Scan, ahead: Ahead, pairs: Pairs) -> None:
    """Positions move the emitters that they are of."""
    if not len(pairs.track):
        return
    turn.roster.bank.update_position(pairs.track, ahead, pairs.apart_m, pairs.total_m2, scan.time_s)
    if scan.frequency_hz is not None:
        of = part[pairs.detection]
        turn.roster.bank.heard_on(pairs.track, turn.rows.frequency_hz[of], turn.rows.bandwidth_hz[of])


def _rescued(turn: Turn, scan: Scan, ahead: Ahead, explained: Rows, fed: Bits) -> Pairs:
    """Explained positions that an emitter established elsewhere is nearer to than the track that explains them."""
    bank = turn.roster.bank
    near = candidates(bank, scan, ahead)
    allowed = near.distance2 < PLACE_GATE * turn.misfit[explained[near.detection]]
    allowed &= ~np.isin(bank.number[near.track], fed)
    allowed &= turn.established(scan.time_s, explained)[near.detection, near.track]
    return chosen(bank, near.take(allowed.nonzero()[0]))


def _note_rivals(turn: Turn, near: Pairs, pairs: Pairs) -> None:
    """Of fixes that went to a tentative emitter, the older emitters that they could have been of."""
    if len(near.track) == len(pairs.track):
        return
    owner = np.full(int(near.detection.max()) + 1, -1)
    owner[pairs.detection] = pairs.track
    own = owner[near.detection]
    older = near.track < own
    older &= ~turn.roster.bank.confirmed[own]
    if np.count_nonzero(older):
        turn.rivals.append((own[older], near.track[older]))


def _scan(rows: Sightings, part: Rows, time_s: float) -> Scan:
    frequency_hz = rows.frequency_hz[part]
    if np.count_nonzero(np.isnan(frequency_hz)) == len(part):
        return Scan(time_s=time_s, fixes=rows.fixes.take(part, axis=1))
    return Scan(
        time_s=time_s,
        fixes=rows.fixes.take(part, axis=1),
        frequency_hz=frequency_hz,
        bandwidth_hz=rows.bandwidth_hz[part],
    )
