"""Forms and reports as PDF/A-2b: plain values in, the same bytes out for the same values."""
