"""Why: each condition behind a verdict, whether it is met and by how much, for a flight and for a place."""
