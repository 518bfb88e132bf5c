"""RTP payload formats to access units; one class per format, all with the doors of ``base.Depacketizer``."""
