"""Authentication that comes a page a message (Bluetooth 4): the row that completes it gets the whole.

Decoding has no memory, so such a row comes with its page as text (``receivers/formats/odid_auth.py``). Here pages are
joined by sensor and transmitter, in the order of the log and at its time: the gate does it live, on what it lets pass,
and a recording keeps what it wrote; recordings of others go through it when they are read. So a row has the whole or
nothing, in any batching. Pages of two sensors are not joined: they lag behind each other, and one could spoil what the
other hears. A row without a transmitter, or that is no news (``Flag.STALE``), completes nothing.
"""

from __future__ import annotations

import numpy as np

from airspace.model.detection import Detections, Flag, Numbers
from receivers.formats.odid_auth import Pages, page_of


class Authentications:
    """Rows with lone pages to rows with what they make. Bounded as ``Pages`` is."""

    def __init__(self) -> None:
        self._pages = Pages()

    def join(self, rows: Detections, logged_s: Numbers) -> Detections:
        """The same rows; the same object where none holds a page, as nearly always."""
        said = rows.authentication.tolist()
        if not any(said):
            return rows
        column = rows.authentication.copy()
        found = False
        for row, text in enumerate(said):
            page = None if text is None else page_of(text)
            if page is None:
                continue
            found = True
            transmitter, is_news = rows.transmitter[row], not rows.flags[row] & Flag.STALE
            column[row] = None
            if transmitter is not None and is_news:
                key = (rows.sensor[row], transmitter)
                column[row] = self._pages.add(key, page, float(logged_s[row]), float(rows.counter[row]))
        return rows.replace(authentication=column) if found else rows


class AuthenticationsOfRecordings:
    """The same for recordings of others, whose log time is the latest receive time so far."""

    def __init__(self) -> None:
        self._joining = Authentications()
        self._latest_s = -np.inf

    def join(self, rows: Detections) -> Detections:
        """The next rows of the recordings."""
        if not len(rows):
            return rows
        logged_s = np.maximum(np.maximum.accumulate(rows.received_s), self._latest_s)
        self._latest_s = float(logged_s[-1])
        return self._joining.join(rows, logged_s)
