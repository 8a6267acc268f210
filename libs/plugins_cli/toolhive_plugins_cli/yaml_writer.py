"""YAML, by ruamel.yaml; in its own module so that only `--format yaml` pays for it."""

import io

from ruamel.yaml import YAML, ScalarNode
from ruamel.yaml.representer import SafeRepresenter
from ruamel.yaml.resolver import implicit_resolvers


def written_as_yaml(value: object) -> str:
    """Return plain values as a YAML document that readers of YAML 1.1 and 1.2 read alike; what does not print is escaped."""
    text = _dumped(value, allow_unicode=True)
    return text if text.replace("\n", "").isprintable() else _dumped(value, allow_unicode=False)


def _dumped(value: object, *, allow_unicode: bool) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.allow_unicode = allow_unicode
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # declared to be None, which is only its default
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()


class _Representer(SafeRepresenter):
    """The library's, with quotes around what YAML 1.1 or 1.2 would not read as text: `yes`, say, which is true in 1.1."""

    def represent_text(self, text: str) -> ScalarNode:
        """Return the node for a string."""
        ambiguous = any(pattern.match(text) for _, _, pattern, _ in implicit_resolvers)
        style = '"' if ambiguous or not text.isprintable() else None
        node: ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", text, style=style)
        return node


_Representer.add_representer(str, _Representer.represent_text)
