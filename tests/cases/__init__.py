"""Small inputs and situations that failed once: given ones, and tables of our own for each kind."""
