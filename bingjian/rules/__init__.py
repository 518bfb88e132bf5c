"""The law as data, with its article, and decisions: values in, Grant or Refusal out. No I/O, no clock."""
