"""What a file is by its name and place: an archive, or inert, which is what no client runs, loads or grants anything by.

What is neither inert nor known is unknown.

A file is inert by its suffix *and* its place. Text for people and pictures are inert everywhere but where clients run whatever they
find. Data is inert too, but not at the root, in a folder of components or in one named like a domain, which is some client's own: there
a newer client may look for a file of that name. Skills have data of their own, in their own folders.
"""

from typing import Final

from toolhive_plugins_content.surface.collector import folded_path
from toolhive_plugins_content.surface.values import words

_ZIP_SUFFIXES: Final = (
    ".mcpb",
    ".dxt",
    ".zip",
    ".jar",
    ".war",
    ".whl",
    ".egg",
    ".pyz",
    ".pex",
    ".nupkg",
    ".vsix",
    ".apk",
    ".xpi",
    ".crx",
)
TAR_SUFFIXES: Final = (".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
OPAQUE_SUFFIXES: Final = (
    ".7z",
    ".rar",
    ".gz",
    ".bz2",
    ".xz",
    ".zst",
    ".iso",
    ".dmg",
    ".pkg",
    ".deb",
    ".rpm",
    ".cab",
    ".asar",
    ".br",
    ".lz4",
)
ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")

_TEXT_AND_MEDIA: Final = words(
    "md markdown mdx mdc txt text rst adoc asciidoc org tex bib pdf rtf log diff patch png jpg jpeg gif svg webp "
    "ico bmp tif tiff avif heic mp3 mp4 wav ogg webm mov m4a ttf otf woff woff2 eot html htm css scss less map docx "
    "xlsx pptx odt ods odp epub po pot tmpl template tpl j2 jinja jinja2 hbs mustache ejs liquid erb typed "
)
"""Documents, pictures, sound, fonts, style sheets, and templates that something else fills in."""

_DATA: Final = words(
    "json jsonl ndjson json5 jsonc yaml yml toml xml xsd xsl csv tsv ini cfg conf properties env example sample "
    "dist graphql gql proto thrift avsc parquet arrow db sqlite sqlite3 npy npz onnx bin dat geojson kml gpx drawio "
    "excalidraw puml mmd mermaid dot lock cedar cedarschema rego hcl tf tfvars schema snap golden editorconfig "
    "gitignore gitattributes gitkeep dockerignore npmignore prettierrc eslintrc tokens pem crt cer pub "
)
"""Data, which a program of the plugin may read and a client does not."""

_NAMES: Final = words(
    "license licence copying notice authors contributors maintainers codeowners changelog changes readme news "
    "thanks credits history version todo install usage owners .gitkeep .gitignore .gitattributes .editorconfig "
    ".keep py.typed "
)
"""Files without a suffix that people read, or that keep a folder."""

_LICENSES: Final = words("apache apache2 bsd bsd3 mit isc mpl gpl lgpl agpl cc0 unlicense ofl third-party thirdparty ")
"""What the names of licenses end in."""

_COMPONENT_FOLDERS: Final = words(
    "commands agents skills hooks monitors workflows output-styles mcp lsp servers channels rules prompts "
)
_NEVER: Final = frozenset({"bin", "workflows"})


def is_archive(path: str, head: bytes) -> bool:
    """Tell whether a file is an archive, by its suffix or its first bytes."""
    return folded_path(path).endswith(_ZIP_SUFFIXES + TAR_SUFFIXES + OPAQUE_SUFFIXES) or head.startswith(ZIP_MAGIC)


def is_inert(path: str) -> bool:
    """Tell whether a file is of a suffix and in a place where no client makes anything of it."""
    parts = folded_path(path).split("/")
    top, name = parts[0], parts[-1]
    if len(parts) > 1 and top in _NEVER:
        return False
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem:
        return name in _NAMES
    if suffix in _TEXT_AND_MEDIA or (stem in _NAMES and suffix in _LICENSES):
        return True
    if suffix not in _DATA or len(parts) == 1 or "." in top:
        return False
    return top not in _COMPONENT_FOLDERS or (top == "skills" and len(parts) > 2)
