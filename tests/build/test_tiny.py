import sys


def test_runs_here() -> None:
    assert sys.version_info >= (3, 11)
