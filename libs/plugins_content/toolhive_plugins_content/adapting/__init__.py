"""Makes of a plugin in one client's format what another client reads."""
