"""Lint, fix and format with today's ruff.

Pants 2.17 calls `ruff FILES` and knows no formatter; ruff has since moved to `ruff check` and `ruff format`. This backend takes
over Pants's own installing and configuring of ruff, and calls it as ruff now asks.
"""
