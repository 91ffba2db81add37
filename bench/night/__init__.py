"""The night shift: something round a whole service breaks; what was lost, what was told, and when."""
