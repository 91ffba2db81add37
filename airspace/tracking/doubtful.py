"""Ids that tell no two aircraft apart key nothing: their rows go by what else names them.

A session id of three bytes, or the factory setting of a public transmitter, is said by several honest drones at once.
Joined by it they are one aircraft at two places, and suspect. The id stays in the row and is shown; the transmitter's
address, or the row's other id, is what the row goes by. A row with nothing else keeps it: better one track than none.
"""

from __future__ import annotations

from dataclasses import replace

from airspace.model.placeholders import doubtful
from airspace.tracking.aliases import RowKeys


def without_doubtful(keys: RowKeys) -> RowKeys:
    """The same rows; as mostly, the same object."""
    named = doubtful(keys.uas_id_type, keys.uas_id)
    aliased = doubtful(keys.alias_id_type, keys.alias_id) if keys.has_alias else set()
    if not named and not aliased:
        return keys
    uas_id, uas_id_type = list(keys.uas_id), list(keys.uas_id_type)
    alias_id = [
        None if (kind, text) in aliased else text for kind, text in zip(keys.alias_id_type, keys.alias_id, strict=True)
    ]
    for row, key in enumerate(zip(keys.uas_id_type, keys.uas_id, strict=True)):
        if key in named and (alias_id[row] is not None or keys.transmitter[row] is not None):
            uas_id[row] = alias_id[row]
            uas_id_type[row] = keys.alias_id_type[row] if alias_id[row] is not None else uas_id_type[row]
            alias_id[row] = None
    return replace(keys, uas_id=uas_id, uas_id_type=uas_id_type, alias_id=alias_id)
