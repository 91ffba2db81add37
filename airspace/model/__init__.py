"""Words that two packages share. No input, no output, no clock."""
