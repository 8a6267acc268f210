"""One adapter a client: where it loads plugins from, and what installing one changes there."""
