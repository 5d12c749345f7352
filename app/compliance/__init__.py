"""Compliance: the worksheet of a reported message, law by law and line by line, and what staff say to each line."""
