"""Every platform that toolhive-core was shown is taken or refused as it took or refused it."""

import json
from pathlib import Path

import pytest

from toolhive_artifact import InvalidPlatformError, parse_platform

_VECTORS = [
    json.loads(line) for line in Path(__file__).with_name("platforms.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_there_are_17_platform_vectors() -> None:
    assert len(_VECTORS) == 17


@pytest.mark.parametrize("vector", _VECTORS, ids=lambda vector: ascii(vector["platform"]))
def test_platform_parses_as_in_toolhive_core(vector: dict[str, object]) -> None:
    text, want = vector["platform"], vector["want"]
    assert isinstance(text, str)
    assert isinstance(want, dict)
    if "error" in want:
        with pytest.raises(InvalidPlatformError):
            parse_platform(text)
        return
    platform = parse_platform(text)
    assert {"os": platform.os, "architecture": platform.architecture, "variant": platform.variant} == want
