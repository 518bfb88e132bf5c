"""Signalling with GB/T 28181 devices: sockets, registrations, queries, controls, subscriptions, alarms.

It knows devices and channels by their ids, and nothing of cameras, people or law. ``Endpoint`` has the
sockets and the tables of ``protocols.sip``; ``Platform`` is everything together.
"""
