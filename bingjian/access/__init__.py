"""People, sign-in and the one door."""
