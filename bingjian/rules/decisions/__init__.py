"""What the law answers, by subject: frozen facts in, Grant or Refusal out. Each function says its duties."""
