"""The encoder under the name it had before the simulator became a package of its own."""

from airspace.simulation.encoder import (
    MESSAGE_BYTES,
    PACK_MOST,
    basic_id,
    location,
    operator_id,
    pack,
    self_id,
    system,
)

__all__ = ["MESSAGE_BYTES", "PACK_MOST", "basic_id", "location", "operator_id", "pack", "self_id", "system"]
