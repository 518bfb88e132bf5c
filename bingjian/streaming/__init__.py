"""From a source through the hub to viewers and recorder."""
