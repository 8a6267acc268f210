"""Marketplaces: read, pushed, copied, generated, shown."""
