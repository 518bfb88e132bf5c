"""The platform database: base, session, types, migrations."""
