"""Whose mail was it: evidence in, verdict out, every clue explained."""
