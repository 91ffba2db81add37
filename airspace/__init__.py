"""The words, the sums, the store and the program of the drone airspace monitor."""
