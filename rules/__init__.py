"""The rules of dunning: pure functions over frames; no Excel, no Word, no clock, no files but its own data."""
