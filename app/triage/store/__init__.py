"""Triage's queries: `routing` works on a batch of complaints, `cases` on one case, `pages` reads for people."""
