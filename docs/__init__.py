"""Pictures and measurements of the README; not part of the distribution."""
