"""The table that the profile's compression level and chunk size were chosen from.

    python benchmarks/compression_table.py [--marketplace DIR] [--levels 6,8] [--chunks 256,1024,0]

Compresses the tar of the 84 MB plugin, of the small plugins and of a marketplace's plugins, each cut into chunks of so many
KiB (0: not cut), in one thread, and prints time and size against zlib at level 9. Needs the product's `deflate`.
"""

import argparse
import io
import sys
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import deflate
from thvbench.environment import default_work
from thvbench.inputs import SEED, Inputs, files_of, marketplace

GZIP_LIKE = 31
"""zlib's window bits for a gzip member."""


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure compression levels and chunk sizes against zlib-9.")
    parser.add_argument("--marketplace", type=Path)
    parser.add_argument("--levels", type=_numbers, default=[5, 6, 7, 8, 9, 10, 12])
    parser.add_argument("--chunks", type=_numbers, default=[256, 1024, 2048, 0], help="KiB; 0 for not cut")
    parser.add_argument("--work", type=Path, default=default_work())
    given = parser.parse_args()
    inputs = Inputs(given.work, SEED)
    corpora = {"84 MB plugin": [_tar(inputs.big())], "300 small plugins": [_tar(path) for path in inputs.small(300)]}
    if given.marketplace:
        plugins = marketplace(given.marketplace)
        corpora[f"marketplace of {len(plugins)}"] = [_tar(plugin) for plugin in plugins]
    print("| corpus | level | chunk | time to zlib-9's | size to zlib-9's |\n|---|---|---|---|---|")
    for name, tars in corpora.items():
        base_time, base_size = _measure(tars, lambda tar: iter([zlib.compress(tar, 9, GZIP_LIKE)]))
        print(
            f"| {name} ({sum(map(len, tars)):,} bytes) | zlib 9 | whole | 1 ({base_time:.2f} s) | 1 ({base_size:,} bytes) |"
        )
        for level in given.levels:
            for chunk in given.chunks:
                spent, size = _measure(tars, _compressor(level, chunk * 1024))
                label = f"{chunk} KiB" if chunk else "whole"
                print(f"| {name} | {level} | {label} | {spent / base_time:.3f} | {size / base_size:.4f} |", flush=True)
    return 0


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _tar(plugin: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in files_of(plugin):
            archive.add(path, str(path.relative_to(plugin)))
    return buffer.getvalue()


def _compressor(level: int, chunk: int) -> Callable[[bytes], Iterator[bytes]]:
    def compress(tar: bytes) -> Iterator[bytes]:
        whole = memoryview(tar)
        step = chunk or len(tar)
        for start in range(0, len(tar), step):
            yield bytes(deflate.gzip_compress(whole[start : start + step], level))

    return compress


def _measure(tars: Sequence[bytes], compress: Callable[[bytes], Iterator[bytes]]) -> tuple[float, int]:
    """Processor seconds (the machine may be busy) and bytes."""
    begun = time.process_time()
    size = sum(len(member) for tar in tars for member in compress(tar))
    return time.process_time() - begun, size


if __name__ == "__main__":
    sys.exit(main())
