"""The steps that the measures ask for: who may take which, on what papers, and what is due then."""
