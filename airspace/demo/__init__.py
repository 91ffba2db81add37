"""The bundled match evening and the simulator that makes it."""
