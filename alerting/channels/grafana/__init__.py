"""Grafana: an annotation for each episode of an alert, and a live stream of tellings and open counts."""

from alerting.channels.grafana.annotations import annotation
from alerting.channels.grafana.channel import STREAM, GrafanaChannel, connect
from alerting.channels.grafana.live import alert_point, open_point
from alerting.channels.grafana.server import GrafanaError, Server

__all__ = ["STREAM", "GrafanaChannel", "GrafanaError", "Server", "alert_point", "annotation", "connect", "open_point"]
