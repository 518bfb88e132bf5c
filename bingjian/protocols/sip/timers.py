"""RFC 3261's timers (table 4, §17), in seconds. RFC 6026 adds L and M."""

T1 = 0.5  # a round trip, at most
T2 = 4.0  # the longest pause between repetitions
T4 = 5.0  # how long a message may stay in the network

GIVE_UP = 64 * T1  # B, F, H: nobody answers, or acknowledges
INVITE_REFUSED = 32.0  # D: how long a client repeats its ACK
ACCEPTED = 64 * T1  # L, M: how long repeated INVITEs and 2xx are known
CONFIRMED = T4  # I
ANSWERED = 64 * T1  # J: how long the answer to a request is kept for its repetitions
ABSORBING = T4  # K
PROCEEDING = 180.0  # C: an INVITE that is only ever provisionally answered
