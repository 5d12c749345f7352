"""Everything that arrives, by any door, stored before it is acknowledged."""
