"""The demo's small city: three districts of Harbin as they would look after four months of use.

Everything is invented and goes through the platform's own services, so that every rule has had its say: a
clock of its own walks from 120 days ago to now, and each day's work is done on that day. The same seed and
the same day give the same city. Nobody real is meant: no firm, person, address or telephone.
"""
