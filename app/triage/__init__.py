"""Cases: what a person decides on, from queue to outcome."""
