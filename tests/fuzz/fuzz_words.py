"""Words that the readers look for. A fuzzer that knows them gets past the first comparison."""

from typing import Final

_JSON: Final = [
    *("{", "}", "[", "]", ":", ",", '"', "\\", "\\u", "\\ud800", "\\udc00", "null", "true", "false", "0", "-1", "1e9"),
    *('{"a":1}', "[[", '{"":{'),
]
_DESCRIPTOR: Final = [
    *('"mediaType":', '"digest":', '"size":', '"urls":', '"annotations":', '"data":', '"platform":', '"artifactType":'),
    '"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"',
    '"application/vnd.oci.image.manifest.v1+json"',
]
_MANIFEST: Final = [
    *('"name":', '"version":', '"description":', '"license":', '"requires":', '"dependencies":', '"commands":'),
    *('"agents":', '"skills":', '"hooks":', '"mcpServers":', '"lspServers":', '"experimental":', '"monitors":'),
    *('{"name":"x"}', '"./commands/a.md"', '"commands"', '"https://x/y.mcpb"', '"source":', '"content":'),
]
_CONFIGS: Final = [
    *('"matcher":', '"type":', '"command":', '"args":', '"url":', '"prompt":', '"server":', '"tool":', '"if":'),
    *('"env":', '"headers":', '"headersHelper":', '"extensionToLanguage":', '"when":', '"PreToolUse":', '"$schema":'),
]
_FRONT: Final = [
    *("---\n", "\n---\n", "name: ", "description: ", "tools: ", "allowed-tools: ", "hooks:\n", "  - ", "[", "]", "|\n"),
    *(">\n", "''", '"', "\\x41", "\\u0041", " #", "\ufeff", "!`ls`", "```!\n", "```\n", "Bash(git add:*)", "\u2028"),
]
_TAR: Final = [
    *("ustar\x0000", "ustar  \0", "tar\0", "path=", "size=", "mtime=", "linkpath=", "GNU.sparse.", "../", "./", "a/b"),
    *("\x80", "0000644\0", "00000000000\0", "11 size=0\n", "x", "L", "5", "0"),
]
_CHALLENGE: Final = [
    *("Basic ", "Bearer ", "realm=", "service=", "scope=", '"', '\\"', ",", "=", " ", "repository:a/b:pull,push", "=="),
    *("https://registry.example/token", "error="),
]
_URL: Final = [
    *("https://", "http://", "//", "/", "@", ":", "?", "#", "%2f", "[", "]", "::1", "127.1", "0x7f", "localhost", "\\"),
    *("registry.example", ".", "..", ":443", ":80", "%00", "xn--", "169.254.169.254", "[::ffff:127.0.0.1]"),
]
_REFERENCE: Final = [
    *("ghcr.io/", "localhost:5000/", "[::1]:5000/", "docker.io/", ":v1", "@sha256:", "@sha512:", "a" * 64, "__", "--"),
    *("/", "xn--", "é", "。"),
]
_DOCKER: Final = [
    *('"auths":', '"auth":', '"username":', '"password":', '"identitytoken":', '"registrytoken":', '"credHelpers":'),
    *(
        '"credsStore":',
        '"registry.example"',
        '"https://index.docker.io/v1/"',
        '"YW5uOnMzY3JldA=="',
        '"http://ghcr.io/x"',
    ),
]

WORDS: Final[dict[str, list[str]]] = {
    "tar": _TAR,
    "json": _JSON,
    "oci_documents": [
        *(
            *_JSON,
            *_DESCRIPTOR,
            '"schemaVersion":2',
            '"config":',
            '"layers":',
            '"manifests":',
            '"subject":',
            '"rootfs":',
        ),
        *('"diff_ids":', '"history":', '"created":', '"Labels":', '"ExposedPorts":', '"Env":', '"os.features":'),
        '"1970-01-01T00:00:00Z"',
    ],
    "summary": [
        *(*_JSON, *_DESCRIPTOR, '"schemaVersion":2', '"config":', '"layers":', '"manifests":', '"Size":', '"size":1'),
        *('"mediaType":"application/vnd.oci.image.index.v1+json"', '"architecture":"amd64"', '"os":"linux"', "\\u0061"),
    ],
    "plugin_config": ["\0", *_JSON, '{"commands":1}', '"dev.toolhive.plugins.name":', '{"config":{"Labels":{'],
    "index_json": [
        *(*_JSON, *_DESCRIPTOR, '"manifests":', '"Manifests":', '"schemaVersion":2', "null", '"Annotations":'),
        *('"org.opencontainers.image.ref.name":', '"dev.stacklok.toolhive.local-build":"true"', '"Digest":'),
    ],
    "small_texts": ["linux/", "amd64", "/v8", "sha256:", "\u3000", "1970-01-01T00:00:00", "Z", "+00:00", ".5"],
    "plugin_json": [*_JSON, *_MANIFEST, "\u017f", "\u212a", "\xa0", "\u2003"],
    "components": ["\0\0", *_JSON, *_MANIFEST, *_CONFIGS, *_FRONT],
    "front_matter": _FRONT,
    "declared_path": ["./", "../", "/", "\0", "."],
    "challenge": _CHALLENGE,
    "follow": _URL,
    "refusal": [*_JSON, "429\n", "503\n", "Wed, 21 Oct 2026 07:28:00 GMT", '{"errors":[{"code":"', '","message":"'],
    "token_answer": [*_JSON, '"token":', '"access_token":', '"expires_in":', '"abc"'],
    "reference": _REFERENCE,
    "docker_config": [*_JSON, *_DOCKER],
    "tag_list": [*_JSON, '"tags":', '"name":', '"v1"', "</v2/x/tags/list>", '; rel="next"', "; rel=next", "\n", *_URL],
    "referrer_list": [*_JSON, *_DESCRIPTOR, '"manifests":'],
    "proxy_variables": [
        *_URL,
        "\n",
        "socks5://",
        "user:password@",
        "*.",
        ".x",
        "10.0.0.0/8",
        "fd00::/8",
        "*",
        ",",
        "proxy:3128",
    ],
    "bundle": [
        *_JSON,
        '"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"',
        '"verificationMaterial":{"publicKey":{"hint":"x"}}',
        '"dsseEnvelope":',
        '"payload":"e30="',
        '"payloadType":"application/vnd.in-toto+json"',
        '"signatures":[{"sig":"AA=="}]',
    ],
    "signing_payload": [*_JSON, '"critical":', '"identity":', '"docker-reference":"x"', '"image":', '"type":'],
    "key_file": ["-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", "ENCRYPTED SIGSTORE PRIVATE KEY", "\n"],
    "referrer_merge": [*_JSON, '"manifests":[', '"digest":"sha256:x"'],
    "helper_answer": [*_JSON, '"Username":', '"Secret":', '"ServerURL":', '"<token>"'],
}


def dictionary(target: str) -> str:
    """Return the words of a target in libFuzzer's form."""
    return "".join(f'"{_escaped(word)}"\n' for word in WORDS.get(target, []))


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())
