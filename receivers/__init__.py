"""Receivers: a transport brings bytes, a format makes detections of them, the gate says what may pass."""
