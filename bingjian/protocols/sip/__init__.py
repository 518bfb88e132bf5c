"""SIP as GB/T 28181 speaks it (RFC 3261, GB/T 28181-2022 and -2016), without sockets and clocks.

``message`` and ``stream`` are the wire format; ``transactions`` repeats and forgets; ``registrar`` knows who
is there; ``calls`` and ``subscriptions`` are the dialogs. Times are monotonic seconds and come in as ``now``.
"""
