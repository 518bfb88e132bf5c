"""Who turns a camera: one at a time, by lease, seen by the others; what they ask, the camera may be told."""
