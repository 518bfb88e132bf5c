"""The durable book of entries: append → receipt."""
