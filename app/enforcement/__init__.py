"""What is done to a sender, and that it bites."""
