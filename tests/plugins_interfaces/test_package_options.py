"""Options are checked where they are made; SOURCE_DATE_EPOCH is honoured or refused, never passed over."""

import pickle

import pytest

from toolhive_artifact import DEFAULT_PLATFORMS, InvalidEpochError, Platform
from toolhive_plugins_interfaces import (
    Compat,
    InvalidPluginFileError,
    PackageOptions,
    PluginError,
    default_package_options,
)


@pytest.fixture(autouse=True)
def _no_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def test_default_options_are_reproducible() -> None:
    assert default_package_options() == PackageOptions(epoch=0, platforms=DEFAULT_PLATFORMS, compat=Compat.NONE)


@pytest.mark.parametrize(("text", "epoch"), [("1234567890", 1234567890), ("0", 0), ("-1", -1), ("+5", 5), ("", 0)])
def test_source_date_epoch_is_honoured(monkeypatch: pytest.MonkeyPatch, text: str, epoch: int) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    assert default_package_options().epoch == epoch


@pytest.mark.parametrize("text", ["now", "1.5", " 1", "1 ", "1_000", "0x10", "٣", "1e9", "9" * 5000, "99999999999999"])
def test_malformed_source_date_epoch_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    with pytest.raises(InvalidEpochError) as caught:
        default_package_options()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("epoch", [-62_167_219_200, 253_402_300_799, 2**33])
def test_every_year_that_can_be_written_is_an_epoch(epoch: int) -> None:
    assert PackageOptions(epoch=epoch).epoch == epoch


@pytest.mark.parametrize("epoch", [-62_167_219_201, 253_402_300_800, 2**63, -(2**80), 1.0, "1", None])
def test_other_epochs_are_refused(epoch: int) -> None:
    with pytest.raises(InvalidEpochError):
        PackageOptions(epoch=epoch)


def test_zero_time_of_the_reference_means_none_given() -> None:
    assert PackageOptions(epoch=-62_135_596_800).epoch == 0


@pytest.mark.parametrize("platforms", [(), [], None])
def test_no_platforms_mean_the_default_ones(platforms: tuple[Platform, ...]) -> None:
    assert PackageOptions(platforms=platforms).platforms == DEFAULT_PLATFORMS


def test_platforms_may_be_any_sequence_and_keep_their_order() -> None:
    given = [Platform("windows", "amd64"), Platform("linux", "arm64")]
    assert PackageOptions(platforms=given).platforms == tuple(given)


def test_errors_are_one_family_and_survive_pickling() -> None:
    error = InvalidPluginFileError("is a symbolic link", where="a.md", remedy="Remove it")
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, PluginError)
    assert str(copy) == "a.md: is a symbolic link. Remove it."
