"""The gate between formats and the log: what may pass, what is marked, and how the sensors do."""

from receivers.gate.gate import EARLIEST_S, LATEST_AHEAD_S, Gate

__all__ = ["EARLIEST_S", "LATEST_AHEAD_S", "Gate"]
