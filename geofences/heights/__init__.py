"""Heights between the ellipsoid, the sea and the ground."""
