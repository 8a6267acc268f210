"""What looks like a literal secret is masked; what only looks a little like one is shown."""

import pytest

from toolhive_plugins_content.surface.secrets import masked

PLAIN = [
    ("args[1]", "/usr/local/lib/token-server-v2.3.1"),
    ("env.VERSION", "3273659abc3273659abc3273659abc3273659abc"),
    ("args", "--sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ("env.TOKEN_URL", "https://auth.example.com/oauth2/v1/token"),
    ("env.SECRET_FILE", "/run/secrets/db1"),
    ("env.AUTH_MODE", "oauth2-pkce-v1"),
    ("command", "docker run -e GITHUB_TOKEN ghcr.io/github/github-mcp-server:v0.13.0"),
    ("args[0]", "--token-file=/etc/a1b2c3d4e5f6"),
    ("env.API_KEY_HEADER", "X-Api-Key-V2"),
    ("env.ID", "123e4567-e89b-12d3-a456-426614174000"),
    ("env.CLIENT_ID", "0oa1b2c3d4e5f6g7h8i9"),
    ("x", "token=${TOKEN:-abc}"),
    ("env.MAX_TOKENS", "128000"),
    ("env.TOKEN_PATH", "./cfg/token1/file2.json"),
    ("env.AUTH_URL", "https://x.y/abc123"),
    ("", "sk-learn-contrib-package-name"),
    ("args", "--auth-provider google-oauth2-prod1"),
    ("env.TOKEN_ENDPOINT", "https://a/b1"),
    ("env.SECRET_NAME", "prod/db/password-v12"),
    ("env.TOKENIZER", "cl100k_base-v2x1"),
    ("command", "python3 sk-build-something-long-name-here.py"),
    ("env.AUTH_TYPE", "bearer_token_v2"),
    ("env.PASSWORD_POLICY", "minlength12upper"),
    ("x", "--token-limit=4096tokensmax"),
]
SECRETS = [
    ("", "ghp_" + "a1B2" * 9),
    ("", "glpat-" + "a1B2c3D4e5F6g7H8i9J0"),
    ("", "sk-proj-" + "a1B2" * 12),
    ("", "AKIAABCDEFGH12345678"),
    ("", "xoxb-123456789012-abcdefABCDEF"),
    ("", "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6q"),
    ("", "hf_" + "abcdEFGHijklMNOPqrst1234"),
    ("", "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"),
    ("", "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc"),
    ("", "whsec_" + "a1B2c3D4e5F6g7H8i9J0k1L2"),
    ("", "https://hooks.slack.com/services/" + "T00000000/B00000000/XXyyzzaabbcc112233445566"),
    ("", "https://discord.com/api/webhooks/123456789012345678/" + "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789abcd"),
    ("", "postgres://user:Sup3rS3cret@db.example.com/x"),
    ("env.AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzKEYab"),
    ("env.DB_PASSWORD", "hunter2hunter"),
    ("env.API_KEY", "0123456789abcdef0123456789abcdef"),
    ("headers.Authorization", "Basic " + "dXNlcjpwYXNzdzByZDE="),
    ("headers.X-API-Key", "a1b2c3d4e5f6a7b8c9d0"),
    ("env.apiKey", "a1b2c3d4e5f6a7b8c9d0"),
    ("env.OPENAI_APIKEY", "a1b2c3d4e5f6a7b8c9d0"),
    ("args", "--api-key=a1b2c3d4e5f6a7b8c9d0"),
    ("command", "curl -H 'Authorization: Bearer q8Zk29fXvB71mTt0aa' https://x"),
    ("url", "https://x.example/?api_key=a1b2c3d4e5f6a7b8c9d0"),
    ("url", "https://x.example/?token=a1b2c3d4e5f6a7b8c9d0&x=1"),
    ("", "SG." + "a1B2c3D4e5F6g7H8i9J0k1." + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1"),
    ("", "lin_api_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"),
    ("", "ntn_" + "123456789012a1B2c3D4e5F6g7H8i9J0k1L2m3"),
    ("", "dop_v1_" + "a1b2c3d4" * 8),
    ("", "shpat_" + "a1b2c3d4" * 4),
    ("", "key-" + "a1b2c3d4" * 4),
    ("", "tvly-" + "a1B2c3D4e5F6g7H8i9J0k1L2"),
    ("", "fc-" + "a1b2c3d4" * 4),
    ("", "BSA" + "a1B2c3D4e5F6g7H8i9J0k1L2m3"),
    ("", "pplx-" + "a1b2c3d4" * 6),
    ("", "gsk_" + "a1B2c3D4" * 6),
    ("", "r8_" + "a1B2c3D4" * 5),
    ("", "xai-" + "a1B2c3D4" * 8),
    ("", "figd_" + "a1B2c3D4" * 5),
    ("", "PMAK-" + "a1b2c3d4a1b2c3d4a1b2c3d4-" + "a1b2" * 8),
    ("", "sntrys_" + "a1B2c3D4" * 8),
    ("", "ATATT3x" + "a1B2c3D4" * 10),
    ("", "AccountKey=" + "a1B2c3D4" * 10 + "+x/Q=="),
]


@pytest.mark.parametrize(("label", "value"), PLAIN)
def test_what_is_no_secret_is_shown(label: str, value: str) -> None:
    assert masked(label, value) == value


@pytest.mark.parametrize(("label", "value"), SECRETS)
def test_a_secret_is_masked(label: str, value: str) -> None:
    assert masked(label, value) != value
