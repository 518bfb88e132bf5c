"""MPEG program streams (Rec. ITU-T H.222.0 | ISO/IEC 13818-1 §2.5), as GB/T 28181 carries pictures and sound.

A stream is a row of units, each behind its own start code ``00 00 01 xx``: pack headers, system headers,
program stream maps and packets (PES) of the elementary streams. Cameras differ from the specification and
from each other in every one of these, so nothing is believed because it is written:

- ``reader``: bytes, cut anywhere, to packets. A length counts as long as a start code stands where it ends.
- ``pictures``: packets of H.264 and H.265 to access units. Where a picture begins is read from the NAL units;
  packets, packs and markers only tell the time. The codec is that of the first parameter set that comes.
- ``sound``: packets of AAC and G.711 to access units.
- ``demuxer``: all of it together.
- ``muxer``: access units to a stream, for simulated devices and for platforms above.

Nothing here raises for what a camera sends: what cannot be read is passed over, the access unit it belonged
to dropped, and the pictures after it flagged as damaged until decoding can start afresh.
"""

from bingjian.formats.mpegps.demuxer import Demuxer as Demuxer
from bingjian.formats.mpegps.muxer import Muxer as Muxer
