"""The long form of fuzzing, with atheris (coverage-guided, libFuzzer within Python).

    pip install atheris
    python tests/fuzz/run_atheris.py --target tar --runs 1000000
    python tests/fuzz/run_atheris.py --target all --runs 1000000 --keep

It begins with the kept corpus and works in a folder of its own, which a later run goes on from. A finding ends the run:
libFuzzer writes the input to that folder and prints it. `--keep` afterwards adds to the kept corpus the smallest set of
inputs that reaches all that was reached, small ones only. Source roots are found from this file's place, so that
PYTHONPATH need not be set.
"""

import argparse
import importlib
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).resolve().parent
_ROOTS: Final = [str(_HERE), *map(str, sorted(_HERE.parents[1].joinpath("libs").iterdir()))]
_NOT_READERS: Final = ("toolhive_plugins_cli", "toolhive_plugins_mocks", "toolhive_plugins_service", "toolhive_plugins")
_SECONDS_FOR_ONE_INPUT: Final = 5
_MEGABYTES: Final = 1024
_LONGEST_INPUT: Final = 2 * 1024
_LONGEST_ARCHIVE: Final = 16 * 1024
"""Bytes. What only long inputs show, test_hostile_growth.py looks for."""
_KEPT_SIZE: Final = 4096
_KEPT_COUNT: Final = 150


def main() -> int:
    """Run one target in this process, or each of them in one of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", required=True, help="a name in fuzz_targets.TARGETS, or `all`")
    parser.add_argument("--runs", type=int, default=1_000_000, help="executions (default: a million)")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers; 0 for a new one each time")
    parser.add_argument("--folder", type=Path, help="where it works (default: a folder for temporary files)")
    parser.add_argument("--keep", action="store_true", help="then add what was found to reach more to the kept corpus")
    parser.add_argument("--merge-to", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    sys.path[:0] = _ROOTS
    folder: Path = args.folder or Path(tempfile.gettempdir(), "toolhive-fuzz")
    if args.target == "all" or args.keep:
        from fuzz_targets import TARGETS

        names = list(TARGETS) if args.target == "all" else [args.target]
        failed = [name for name in names if not _run_apart(name, args.runs, args.seed, folder, keep=args.keep)]
        print(f"{len(names) - len(failed)} of {len(names)} targets held" + (f"; not {failed}" if failed else ""))
        return 1 if failed else 0
    _fuzz(args.target, args.runs, args.seed, folder / args.target, args.merge_to)
    return 0


def _run_apart(name: str, runs: int, seed: int, folder: Path, *, keep: bool) -> bool:
    """Run a target in a process of its own; return whether all its runs were done and broke nothing."""
    command = [sys.executable, __file__, "--target", name, "--runs", str(runs), "--seed", str(seed)]
    told = ""
    with subprocess.Popen(
        [*command, "--folder", str(folder)],
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as fuzzer:
        for line in fuzzer.stdout or ():
            print(line, end="", flush=True)
            told = line if line.startswith("Done ") else told
    # libFuzzer heeds its own clock for as long as it runs; one that strikes while the process is ending ends it by SIGALRM.
    held = fuzzer.returncode in (0, -signal.SIGALRM) and told.startswith(f"Done {runs} ")
    if not held:
        print(f"{name}: ended with status {fuzzer.returncode}")
    if held and keep:
        with tempfile.TemporaryDirectory() as merged:
            merge = subprocess.run([*command, "--folder", str(folder), "--merge-to", merged], check=False)
            held = merge.returncode == 0
            _keep(name, Path(merged))
    return held


def _keep(name: str, merged: Path) -> None:
    """Add the smallest of what a merge left over to the kept corpus, which keeps all its findings."""
    import fuzz_corpus

    found = sorted((path.read_bytes() for path in merged.iterdir()), key=len)
    small = [fuzz_corpus.Kept(data) for data in found if len(data) <= _KEPT_SIZE][:_KEPT_COUNT]
    findings = [kept for kept in fuzz_corpus.load(name) if kept.note]
    print(f"{name}: {fuzz_corpus.save(name, [*small, *findings])} inputs kept")


def _fuzz(name: str, runs: int, seed: int, folder: Path, merge_to: Path | None) -> None:
    """Fuzz one target; ends the process."""
    atheris: Any = importlib.import_module("atheris")  # a tool of the long form only: the locks need not have it
    import fuzz_corpus
    import fuzz_words

    libraries = [
        path.name for root in _ROOTS[1:] for path in Path(root).glob("toolhive_*") if path.name not in _NOT_READERS
    ]
    own = [path.stem for path in _HERE.glob("fuzz_*.py")]
    with atheris.instrument_imports(include=[*libraries, *own]):
        for library in libraries:
            for module in pkgutil.iter_modules(importlib.import_module(library).__path__, f"{library}."):
                importlib.import_module(module.name)
        import fuzz_targets
    target = fuzz_targets.TARGETS[name]
    inputs, seeds = folder / "corpus", folder / "kept"
    for place in (inputs, seeds):
        place.mkdir(parents=True, exist_ok=True)
    for number, kept in enumerate(fuzz_corpus.load(name)):
        (seeds / f"{number:04}").write_bytes(kept.data)
    options = [
        f"-artifact_prefix={folder}/",
        f"-timeout={_SECONDS_FOR_ONE_INPUT}",
        f"-rss_limit_mb={_MEGABYTES}",
        f"-max_len={_LONGEST_ARCHIVE if name == 'tar' else _LONGEST_INPUT}",
        "-len_control=50",
        "-print_final_stats=1",
    ]
    if words := fuzz_words.dictionary(name):
        (folder / "words").write_text(words)
        options.append(f"-dict={folder / 'words'}")
    if seed:
        options.append(f"-seed={seed}")
    if merge_to is None:
        options += [f"-atheris_runs={runs}", str(inputs), str(seeds)]
    else:
        options += ["-merge=1", str(merge_to), str(inputs), str(seeds)]
    os.environ["PATH"] = str(folder)  # no credential helper of whoever runs this is found
    atheris.Setup([sys.argv[0], *options], target)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
