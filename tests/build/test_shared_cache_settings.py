"""Joining the shared cache: what the environment may say, and what never leaves the machine."""

import launcher
import pytest

from toolhive_shared_cache.settings import SettingsError, settings


def test_no_address_is_no_cache() -> None:
    assert settings({}) is None
    assert settings({"TOOLHIVE_CACHE_ADDRESS": "", "TOOLHIVE_CACHE_TOKEN": "t"}) is None


def test_address_instance_and_token() -> None:
    cache = settings(
        {
            "TOOLHIVE_CACHE_ADDRESS": "grpcs://cache.example.com:443",
            "TOOLHIVE_CACHE_INSTANCE": "main",
            "TOOLHIVE_CACHE_TOKEN": "t0ken",
        }
    )
    assert cache == ("grpcs://cache.example.com:443", "main", {"authorization": "Bearer t0ken"})


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_token_may_be_sent_to_this_machine_without_tls(host: str) -> None:
    cache = settings({"TOOLHIVE_CACHE_ADDRESS": f"grpc://{host}:50051", "TOOLHIVE_CACHE_TOKEN": "t0ken"})
    assert cache is not None
    assert cache.headers == {"authorization": "Bearer t0ken"}


@pytest.mark.parametrize("host", ["cache.example.com", "10.0.0.1", "127.0.0.1.example.com", "localhost.example.com"])
def test_token_is_not_sent_in_the_clear(host: str) -> None:
    with pytest.raises(SettingsError, match="in the clear") as caught:
        settings({"TOOLHIVE_CACHE_ADDRESS": f"grpc://{host}:50051", "TOOLHIVE_CACHE_TOKEN": "t0ken"})
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "cache.example.com:443",
        "https://cache.example.com:443",
        "grpcs://cache.example.com",
        "grpcs://cache.example.com:0",
        "grpcs://cache.example.com:port",
        "grpcs://cache.example.com:70000",
        "grpcs://cache.example.com:443/instance",
        "grpcs://ann:t0ken@cache.example.com:443",
        "grpcs://:443",
        "grpcs://[::1:443",
        "GRPCS://cache.example.com:443",
        " grpcs://cache.example.com:443",
    ],
)
def test_what_is_not_an_address_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="must be grpcs://HOST:PORT") as caught:
        settings({"TOOLHIVE_CACHE_ADDRESS": address})
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize("token", ["t0ken\r\nx: y", "two words", "tökén"])
def test_token_that_no_header_holds_is_refused(token: str) -> None:
    with pytest.raises(SettingsError, match="bearer token") as caught:
        settings({"TOOLHIVE_CACHE_ADDRESS": "grpcs://cache.example.com:443", "TOOLHIVE_CACHE_TOKEN": token})
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "means"),
    [(None, "false"), ("true", "true"), ("", "false"), ("1", "false"), ("True", "false"), ("yes", "false")],
)
def test_only_true_writes(said: str | None, means: str) -> None:
    assert launcher.cache_settings({} if said is None else {"TOOLHIVE_CACHE_WRITE": said}) == {
        "TOOLHIVE_CACHE_WRITE": means
    }
