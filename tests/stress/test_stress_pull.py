"""A pull is cut short at each change that it makes in the store, as other operations are in tests/plugins_store."""

import hashlib
import os
from pathlib import Path

import pytest
from crash_injection import (
    cut_power_after_another_took_over,
    cut_power_at_each_change,
    fault_at_each_change,
    kill_at_each_change,
)
from store_samples import build
from store_scenarios import Scenario
from stress_registry import plugin_sample

from toolhive_plugins_registry import Registry
from toolhive_plugins_store import Store

NOISE = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(300_000 // 32))
"""It does not compress: a layer of this size is written while it arrives."""


@pytest.fixture(params=[b"say hello", NOISE], ids=["small", "large"])
def scenario(request: pytest.FixtureRequest, registry_host: str, tmp_path: Path) -> Scenario:
    """Pull a plugin that the registry has and the store has not."""
    pulled = plugin_sample("pulled", request.param)
    ref = f"{registry_host}/acme/pulled:v1"
    with Store(tmp_path / "source") as source, Registry(plain_http=True) as registry:
        build(source, "pulled", pulled)
        registry.push(source, pulled.digest, ref)

    def pull(store: Store) -> None:
        # No threads of its own: the calls come in the same order each time.
        with Registry(plain_http=True, workers=1) as registry:
            assert registry.pull(store, ref) == pulled.digest

    return Scenario("pull", pull, {ref: pulled})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")
def test_a_kill_at_any_change_loses_nothing(scenario: Scenario, scratch: Path) -> None:
    kill_at_each_change(scenario, scratch)


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_a_fault_at_any_change_loses_nothing(scenario: Scenario, for_good: bool, scratch: Path) -> None:
    fault_at_each_change(scenario, scratch, for_good=for_good)


def test_a_power_cut_at_any_instant(scenario: Scenario, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_power_at_each_change(scenario, scratch, monkeypatch)


def test_a_power_cut_after_another_took_up_what_was_cut_short(
    scenario: Scenario, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_power_after_another_took_over(scenario, scratch, monkeypatch)
