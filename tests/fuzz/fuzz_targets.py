"""The targets of fuzzing, by name: each takes any bytes and raises where a promise is broken.

Anything that comes out of a target is a finding: a foreign exception, a broken law (AssertionError), and, by the limits
that run_atheris.py sets, too much time or memory.
"""

from collections.abc import Callable
from typing import Final

import fuzz_archives
import fuzz_documents
import fuzz_plugins
import fuzz_registries
import fuzz_signatures

Target = Callable[[bytes], None]

TARGETS: Final[dict[str, Target]] = {
    "tar": fuzz_archives.tar,
    "gzip": fuzz_archives.gzip_stream,
    "layer": fuzz_archives.layer,
    "json": fuzz_documents.json_text,
    "oci_documents": fuzz_documents.oci_documents,
    "summary": fuzz_documents.summary,
    "plugin_config": fuzz_documents.plugin_config,
    "index_json": fuzz_documents.index_json,
    "small_texts": fuzz_documents.small_texts,
    "plugin_json": fuzz_plugins.plugin_json,
    "components": fuzz_plugins.components,
    "front_matter": fuzz_plugins.front_matter,
    "declared_path": fuzz_plugins.declared_path,
    "challenge": fuzz_registries.challenge,
    "follow": fuzz_registries.follow,
    "refusal": fuzz_registries.refusal,
    "token_answer": fuzz_registries.token_answer,
    "reference": fuzz_registries.reference,
    "docker_config": fuzz_registries.docker_config,
    "helper_answer": fuzz_registries.helper_answer,
    "tag_list": fuzz_registries.tag_list,
    "referrer_list": fuzz_registries.referrer_list,
    "proxy_variables": fuzz_registries.proxy_variables,
    "bundle": fuzz_signatures.bundle,
    "signing_payload": fuzz_signatures.signing_payload,
    "key_file": fuzz_signatures.key_file,
    "referrer_merge": fuzz_signatures.referrer_merge,
}
