"""What the client knows to be secret is taken out of messages in every form, whole or cut short."""

from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from toolhive_artifact import InvalidDocumentError
from toolhive_plugins_registry import Credential
from toolhive_plugins_registry.redaction import Secrets, basic

TOKEN = "eyJhbGciOi/JIUzI1+NiJ9." + "x" * 1000


@pytest.fixture
def secrets() -> Secrets:
    known = Secrets()
    known.add_credential(Credential("ann", "pa ss/wörd+1", TOKEN))
    return known


@pytest.mark.parametrize("form", [str, quote, quote_plus, lambda text: quote(text, safe=""), str.upper, str.lower])
@pytest.mark.parametrize("secret", ["pa ss/wörd+1", TOKEN, basic(Credential("ann", "pa ss/wörd+1"))])
def test_a_secret_is_hidden_as_it_is_and_as_urls_and_forms_have_it(
    secrets: Secrets, secret: str, form: Callable[[str], str]
) -> None:
    assert secrets.redact(f"he said '{form(secret)}'.") == "he said '…'."


def test_a_long_secret_that_was_cut_short_is_hidden(secrets: Secrets) -> None:
    assert secrets.redact(f"got {TOKEN[:180]}… of it") == "got … of it"


def test_a_secret_too_short_to_hide_is_left_where_it_occurs(secrets: Secrets) -> None:
    secrets.add("abc")
    assert secrets.redact("the abc of it") == "the abc of it"


def test_nothing_known_changes_nothing() -> None:
    assert Secrets().redact("text") == "text"


def test_an_error_is_scrubbed_with_all_that_it_carries(secrets: Secrets) -> None:
    try:
        try:
            try:
                raise ValueError(TOKEN)
            except ValueError as foreign:
                raise InvalidDocumentError(f"found {TOKEN}", where=TOKEN, line=1, column=2) from foreign
        except InvalidDocumentError as inner:
            raise InvalidDocumentError("outer", remedy=f"do {TOKEN}") from inner
    except InvalidDocumentError as error:
        secrets.scrub(error)
        cause = error.__cause__
        assert isinstance(cause, InvalidDocumentError)
        assert (str(error), str(cause), cause.args) == ("outer. do ….", "… line 1, column 2: found …", ("found …",))
        assert cause.__cause__ is None
        assert cause.__context__ is None
