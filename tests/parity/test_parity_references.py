"""Every reference that toolhive-core was shown is taken or refused as it took or refused it."""

import json
from pathlib import Path

import pytest

from toolhive_plugins_interfaces import InvalidReferenceError
from toolhive_plugins_registry import parse_reference

_VECTORS = [
    json.loads(line) for line in Path(__file__).with_name("references.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_there_are_63_reference_vectors() -> None:
    assert len(_VECTORS) == 63


@pytest.mark.parametrize("vector", _VECTORS, ids=lambda vector: ascii(vector["ref"])[:60])
def test_reference_parses_as_in_toolhive_core(vector: dict[str, object]) -> None:
    ref, want = vector["ref"], vector["want"]
    assert isinstance(ref, str)
    assert isinstance(want, dict)
    if "error" in want:
        with pytest.raises(InvalidReferenceError):
            parse_reference(ref)
        return
    got = parse_reference(ref)
    assert {"registry": got.registry, "repository": got.repository, "reference": got.reference} == want
