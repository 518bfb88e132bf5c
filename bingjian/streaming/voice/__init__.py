"""Voice to devices: what somebody says before the screen goes out as G.711 in RTP."""
