"""Cameras that are channels of GB/T 28181 devices, as the platform's database and its services know them."""
