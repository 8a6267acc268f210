"""Strangers' texts, as a catalog or a report may hold them."""


def one_line(text: str, limit: int) -> str:
    """Return a text as one printable line of at most `limit` characters."""
    flat = " ".join("".join(c if c.isprintable() or c.isspace() else "\ufffd" for c in text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
