"""The provider's accounts and what ties mail to them in time."""
