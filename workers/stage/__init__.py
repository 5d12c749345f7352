"""What the demo plays: made-up senders, freshly signed mail, complaints by every door."""
