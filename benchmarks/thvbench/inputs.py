"""What is packaged: made from a seed, the same bytes on every machine.

Shapes (the numbers of real plugins are those of 1,006 plugins from public marketplaces):
- big: 600 files, each 100 kB of prose-like text and 40 kB of random bytes, 84 MB in all;
- sized: a plugin of any size in the same mix, up to the limit of 95 MiB;
- small: plugins of 11 kB in 7 files at the median, 109 kB at the 95th percentile, at most 1.6 MB, by the law that they are drawn
  from; with their manifests, the thousand that the seed gives have 12.4 kB and 100 kB.
"""

import json
import math
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SEED = 20260801
BIG_FILES = 600
PROSE_BYTES = 100_000
NOISE_BYTES = 40_000
MAX_PLUGIN_BYTES = 95 * 1024 * 1024
SMALL_MEDIAN_BYTES = 11_000
SMALL_SIGMA = math.log(109_000 / 11_000) / 1.6449
"""The standard deviation of the log-normal law whose 95th percentile is 109 kB where the median is 11 kB."""
SMALL_MAX_BYTES = 1_600_000
SMALL_MEDIAN_FILES = 7
_VERSION = "1"
"""Raise it when the shapes change: inputs of another version are made anew."""

_SYLLABLES = [c + v + e for c in (*"bcdfglmnprstv", "st", "tr", "pl") for v in "aeiou" for e in ("", "n", "r", "s")]


class Prose:
    """Endless text with the word frequencies of prose (Zipf's law), which compresses about as prose does."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._words = [
            "".join(self._random.choices(_SYLLABLES, k=self._random.choice((1, 2, 2, 3)))) for _ in range(8000)
        ]
        self._weights = [0.0]
        for rank in range(1, len(self._words) + 1):
            self._weights.append(self._weights[-1] + 1 / rank)
        del self._weights[0]

    def text(self, size: int) -> bytes:
        """Return `size` bytes of words, in sentences and lines of a dozen words."""
        parts: list[str] = []
        left = size
        while left > 0:
            words = self._random.choices(self._words, cum_weights=self._weights, k=12)
            line = f"{' '.join(words).capitalize()}.\n"
            parts.append(line)
            left -= len(line)
        return "".join(parts).encode("ascii")[:size]

    def noise(self, size: int) -> bytes:
        """Return `size` bytes that do not compress."""
        return self._random.randbytes(size)


@dataclass(frozen=True)
class Inputs:
    """Where the inputs are."""

    root: Path
    seed: int

    def big(self) -> Path:
        """The 84 MB plugin."""
        return self._made("big", lambda folder: _mixed(folder, self.seed, BIG_FILES, PROSE_BYTES, NOISE_BYTES))

    def sized(self, mib: float) -> Path:
        """A plugin of `mib` MiB, its manifest included, of 600 files in the mix of the big one."""
        total = int(mib * 1024 * 1024) - 4096
        prose, noise = total * 5 // 7 // BIG_FILES, total * 2 // 7 // BIG_FILES
        return self._made(f"sized-{mib:g}", lambda folder: _mixed(folder, self.seed, BIG_FILES, prose, noise))

    def one_file(self) -> Path:
        """A plugin at the limit that is all one file of random bytes: the worst case for memory."""
        return self._made("one-file", lambda folder: _mixed(folder, self.seed, 1, 0, MAX_PLUGIN_BYTES - 4096))

    def small(self, count: int) -> list[Path]:
        """So many small plugins."""
        folder = self._made(f"small-{count}", lambda folder: _smalls(folder, self.seed, count))
        return sorted(folder.iterdir())

    def _made(self, name: str, make: Callable[[Path], None]) -> Path:
        folder = self.root / f"inputs-{_VERSION}-{self.seed}" / name
        if not folder.exists():
            unfinished = folder.with_name(f"{name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            make(unfinished)
            unfinished.rename(folder)
        return folder


def marketplace(folder: Path) -> list[Path]:
    """The plugins in a checkout of a real marketplace: every directory with a `.claude-plugin/plugin.json`."""
    return sorted(manifest.parents[1] for manifest in folder.resolve().rglob(".claude-plugin/plugin.json"))


def files_of(plugin: Path) -> Iterator[Path]:
    """The files that a packager takes, roughly: what is not hidden, and the manifest."""
    for path in sorted(plugin.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(plugin).parts)
        if path.is_file() and not path.is_symlink() and (not hidden or path.name in ("plugin.json", ".mcp.json")):
            yield path


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)


def _manifest(folder: Path, name: str, description: str) -> None:
    manifest = {"name": name, "version": "1.0.0", "description": description, "license": "Apache-2.0"}
    _write(folder / ".claude-plugin/plugin.json", json.dumps(manifest).encode("utf-8"))


def _mixed(folder: Path, seed: int, files: int, prose_bytes: int, noise_bytes: int) -> None:
    prose = Prose(seed)
    _manifest(folder, "big", "A plugin to measure with.")
    for number in range(files):
        _write(folder / f"data/{number // 50:02}/{number:04}.bin", prose.text(prose_bytes) + prose.noise(noise_bytes))


def _smalls(folder: Path, seed: int, count: int) -> None:
    prose = Prose(seed + 1)
    shapes = random.Random(seed + 2)
    for number in range(count):
        name = f"plugin-{number:05}"
        size = min(SMALL_MAX_BYTES, round(shapes.lognormvariate(math.log(SMALL_MEDIAN_BYTES), SMALL_SIGMA)))
        files = max(2, min(300, round(shapes.lognormvariate(math.log(SMALL_MEDIAN_FILES), 0.7))))
        _small(folder / name, name, prose, _shares(shapes, size, files - 1))


def _shares(shapes: random.Random, size: int, parts: int) -> list[int]:
    weights = [shapes.expovariate(1) + 0.05 for _ in range(parts)]
    return [max(40, round(size * weight / sum(weights))) for weight in weights]


def _small(folder: Path, name: str, prose: Prose, sizes: list[int]) -> None:
    _manifest(folder, name, prose.text(70).decode("ascii").strip())
    places = ("README.md", "commands/{}.md", "skills/{}/SKILL.md", "agents/{}.md", "skills/{}/scripts/run.py")
    for number, size in enumerate(sizes):
        place = places[number % len(places)] if number else places[0]
        if place == "README.md" and number:
            place = "docs/{}.md"
        head = f"---\nname: part-{number}\ndescription: Part {number} of {name}\n---\n".encode()
        _write(folder / place.format(f"part-{number}"), head + prose.text(size))
