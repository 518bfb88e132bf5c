"""Cameras that play real footage; nothing imports it but the command line."""
