"""What is forgotten, when, and how that is shown."""
