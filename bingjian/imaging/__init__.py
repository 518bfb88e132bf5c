"""Pictures decoded; the only importer of av (simulate apart)."""
