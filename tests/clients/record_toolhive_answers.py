"""Asks ToolHive's own validator about every made case anew and writes what it says to the tables.

    python record_toolhive_answers.py TOOLHIVE_SOURCE

TOOLHIVE_SOURCE is a checkout of github.com/stacklok/toolhive (the answers are those of v0.63.0). Its validator depends on nothing but a
YAML library, while the packages around it depend on all that ToolHive does, so its files are built as a module of their own.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from made_cases import FIELDS, VALUES, write_plugin

from toolhive_cases import FOLDER, TOOLHIVE_CASES_FILE, TOOLHIVE_FIELDS_FILE, encoded, field_files, told_cases

_FILES: Final = (
    "plugins/parser.go",
    "plugins/validator.go",
    "skills/parser.go",
    "skills/types.go",
    "skills/validator.go",
)
_ADDED: Final = {
    "go.mod": "module github.com/stacklok/toolhive\n\ngo 1.27\n\nrequire go.yaml.in/yaml/v3 v3.0.4\n",
    "pkg/plugins/result.go": (
        'package plugins\n\nimport "github.com/stacklok/toolhive/pkg/skills"\n\ntype ValidationResult = skills.ValidationResult\n'
    ),
    "pkg/skills/result.go": (
        "package skills\n\ntype ValidationResult struct {\n\tValid    bool\n\tErrors   []string\n\tWarnings []string\n}\n\n"
        "type ExtractResult struct{}\n"
    ),
    "main.go": """package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/stacklok/toolhive/pkg/plugins"
)

func main() {
	out := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		result, err := plugins.ValidatePluginDir(lines.Text())
		if err != nil {
			_ = out.Encode([]string{err.Error()})
			continue
		}
		_ = out.Encode(result.Errors)
	}
}
""",
}
_MAX_SAID: Final = 200


def main() -> None:
    """Write the tables."""
    with tempfile.TemporaryDirectory() as folder:
        validator = build(Path(sys.argv[1]), Path(folder) / "module")
        cases = told_cases()
        said = ask(validator, [encoded(case["files"]) for case in cases], Path(folder) / "cases")
        lines = [
            json.dumps({"case": case["case"], "files": case["files"], "accepted": not errors, **_said(errors)})
            for case, errors in zip(cases, said, strict=True)
        ]
        TOOLHIVE_CASES_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
        answers = ask(validator, [files for _, files in field_files()], Path(folder) / "fields")
        bits = "".join("0" if errors else "1" for errors in answers)
        rows = {field: bits[index * len(VALUES) :][: len(VALUES)] for index, field in enumerate(FIELDS)}
        TOOLHIVE_FIELDS_FILE.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def build(source: Path, module: Path) -> Path:
    """Build the validator, and return the program: it answers a directory a line with a list of errors a line."""
    for file in _FILES:
        (module / "pkg" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / "pkg" / file, module / "pkg" / file)
    for path, content in _ADDED.items():
        (module / path).write_text(content)
    subprocess.run(["go", "mod", "tidy"], cwd=module, check=True)
    subprocess.run(["go", "build", "-o", "validator", "."], cwd=module, check=True)
    return module / "validator"


def ask(validator: Path, cases: list[dict[str, bytes]], folder: Path) -> list[list[str]]:
    """Return the errors that the validator has for each plugin."""
    places = [write_plugin(folder / str(number) / FOLDER, files) for number, files in enumerate(cases)]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
    questions = "".join(f"{place}\n" for place in places)
    done = subprocess.run([validator], input=questions, capture_output=True, text=True, check=True)
    answers = [json.loads(line) or [] for line in done.stdout.splitlines()]
    return [[error.replace(str(place), "") for error in errors] for place, errors in zip(places, answers, strict=True)]


def _said(errors: list[str]) -> dict[str, str]:
    return {"said": errors[0][:_MAX_SAID]} if errors else {}


if __name__ == "__main__":
    main()
