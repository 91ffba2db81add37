"""Verdicts to alerts, alerts to people."""
