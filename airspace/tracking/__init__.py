"""Batches of detections to a picture of tracks. Pure numerics; nothing here knows the world."""
