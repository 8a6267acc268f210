"""What a gate remembers of what it has let through."""

from pathlib import Path

import pytest
from surface_plugins import tree_of

from toolhive_plugins import PluginError, Store
from toolhive_plugins_content import MemoryTree
from toolhive_plugins_service.policies import PolicyGate
from toolhive_plugins_signatures import Identity, Policy, SignatureReader, Trust
from toolhive_plugins_signatures.globs import Glob
from toolhive_plugins_signatures.policy import PolicyRule

REFERENCE = "ghcr.io/acme/demo:1"
DIGEST = "sha256:" + "1" * 64


def no_signatures() -> SignatureReader:
    raise AssertionError("no signature is wanted")


def test_a_trusted_root_that_changed_is_asked_again(tmp_path: Path) -> None:
    root = tmp_path / "trusted_root.json"
    root.write_text("{}")
    trust = Trust(identities=(Identity("ann@example.com", "https://issuer.example"),), trusted_root=str(root))
    rule = PolicyRule(number=1, references=(Glob("ghcr.io/other/**"),), trust=trust)
    policy = Policy(path="policy.toml", allows_unmatched=True, rules=(rule,))
    with Store(tmp_path / "store") as store:
        store.put_blob(b"a store that is there")
        gate = PolicyGate((policy,), store, no_signatures)
        gate.admit_again(REFERENCE, DIGEST, tree_of())
        unreadable = MemoryTree({})
        gate.admit_again(REFERENCE, DIGEST, unreadable)  # it is remembered, and not looked at
        root.write_text("{ }")
        with pytest.raises(PluginError):
            gate.admit_again(REFERENCE, DIGEST, unreadable)
