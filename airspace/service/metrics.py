"""What the service counts about itself, for Prometheus. No personal data, no free text in a label."""

from __future__ import annotations

import math
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from airspace.model.health import HealthLevel, PartState
from airspace.model.unfollowed import Unfollowed


class Metrics:
    """One registry for one service."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self.messages = Counter("airspace_messages", "Messages received", ["source"], registry=registry)
        self.sources = Gauge(
            "airspace_source_events", "What a source counted since the start", ["source", "event"], registry=registry
        )
        self.detections = Counter("airspace_detections", "Detections stored", registry=registry)
        self.repeated = Counter("airspace_detections_repeated", "Detections stored before", registry=registry)
        self.rejects = Counter("airspace_rejects", "Messages refused", ["reason"], registry=registry)
        self.core_faults = Counter("airspace_core_faults", "Rows that the core failed on", registry=registry)
        self.unfollowed = Counter(
            "airspace_detections_unfollowed", "Detections that no track follows", ["reason"], registry=registry
        )
        self._unfollowed = Unfollowed()
        self._counted = self._unfollowed.by_cause()
        for reason in self._counted:
            self.unfollowed.labels(reason)  # stands at nought from the start, so that the first one is a rise
        self.alerts = Counter("airspace_alerts", "Tellings of alerts", ["kind", "state"], registry=registry)
        self.tracks = Gauge("airspace_tracks", "Live tracks", registry=registry)
        self.waiting = Gauge("airspace_inbox_deliveries", "Deliveries that wait", registry=registry)
        self.commit_failures = Counter("airspace_commit_failures", "Commits to try again", registry=registry)
        self.told = Counter("airspace_told", "Alert lines told", ["channel"], registry=registry)
        self.tell_failures = Counter("airspace_tell_failures", "Failed tellings", ["channel"], registry=registry)
        self.dropped = Counter("airspace_live_dropped", "Live events a slow reader lost", registry=registry)
        self.parts = Gauge(
            "airspace_part", "How each part does: 0 ok, 1 degraded, 2 down (/readyz)", ["part"], registry=registry
        )
        self.tick_age = Gauge(
            "airspace_tick_age_seconds", "Age of the last committed second; NaN before the first", registry=registry
        )
        self.tick_age.set(math.nan)
        self.connections_cut = Gauge(
            "airspace_connections_cut", "HTTP connections ended by us since the start", ["reason"], registry=registry
        )
        self.guesses = Gauge("airspace_token_guesses", "Wrong tokens since the start", registry=registry)
        self.batch_rows = Histogram(
            "airspace_batch_rows", "Rows of a batch", buckets=(1, 4, 16, 64, 256, 1024, 4096), registry=registry
        )
        self.batch_seconds = Histogram("airspace_batch_seconds", "Batch taken up to committed", registry=registry)

    def count_unfollowed(self, totals: Unfollowed) -> None:
        """Bring the counters to these totals. What was counted once is not counted again, nor taken back."""
        if totals == self._unfollowed:
            return
        self._unfollowed = totals
        for reason, total in totals.by_cause().items():
            if total > self._counted[reason]:
                self.unfollowed.labels(reason).inc(total - self._counted[reason])
                self._counted[reason] = total

    def count_health(self, parts: Mapping[str, PartState], tick_age_s: float | None) -> None:
        """How each part does, and how old the picture is."""
        self.parts.clear()
        for name, part in parts.items():
            self.parts.labels(name).set(list(HealthLevel).index(part.level))
        self.tick_age.set(math.nan if tick_age_s is None else tick_age_s)

    def page(self) -> bytes:
        """The exposition text."""
        return generate_latest(self._registry)
