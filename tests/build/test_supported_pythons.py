"""The Pythons that the code runs on are the same wherever the build needs the list."""

import ast
from pathlib import Path

import launcher

ROOT = Path(launcher.__file__).resolve().parents[2]


def test_build_files_and_launcher_know_the_same_pythons() -> None:
    prelude = ast.parse((ROOT / "build-support/prelude.py").read_text(encoding="utf-8"))
    (listed,) = [
        ast.literal_eval(statement.value)
        for statement in prelude.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "SUPPORTED_PYTHONS"
    ]
    assert listed == launcher.CODE_PYTHONS
