"""What a project's marketplace is called: by the project, since clients know marketplaces by name and users have many projects."""

import re
from pathlib import Path
from typing import Final

PREFIX: Final = "toolhive-project-"
_MAX_SLUG: Final = 40


def project_marketplace(project: Path) -> str:
    """Return the name for a project that has none yet, from its folder's: it is then in a file that git shares, and stays."""
    slug = re.sub(r"[^a-z0-9]+", "-", project.name.lower(), flags=re.ASCII)[:_MAX_SLUG].strip("-")
    return PREFIX + (slug or "here")
