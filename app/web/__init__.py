"""The two sites: what every page of both has in common."""
