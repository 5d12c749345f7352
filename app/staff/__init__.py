"""The people of the desk: sign-in, second factor, roles."""
