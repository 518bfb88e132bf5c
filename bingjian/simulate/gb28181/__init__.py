"""Devices of GB/T 28181 that are not there: they register at a platform and send real footage.

- ``spec``, ``quirks``: what a device is to be, and how it departs from the standard.
- ``weather``, ``element``: the network (with its faults), sockets, transactions; many devices on one.
- ``device``: one registration and all that is asked of it: ``answers`` (queries), ``commands``, ``offers``
  (INVITE) with ``session`` and ``endings``, ``voice``, ``reports`` (alarms, positions, changes of the
  catalogue); ``hearing`` and ``oddities`` make it odd.
- ``film``, ``plan``, ``outlet``, ``sender``: footage as access units, which is due when, and its way out.
- ``mount``: where a camera looks; ``fleet``: many devices in one process; ``orders``: what to do at run time.
"""
