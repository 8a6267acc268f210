"""Completion scripts for bash, zsh and fish.

They are made from the parsers, so they cannot fall behind them. Local tags are asked for as they are needed, with
`thv-plugin builds --quiet`, which is fast enough for a key press, and names of installed plugins with `thv-plugin list --quiet`.
"""

import argparse
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from toolhive_plugins_cli.overview import FAMILIES, GROUPS, names

_TAKES_TAG = ("push", "tag", "rm", "inspect", "diff", "verify", "content", "extract", "install")
_TAKES_NAME = ("uninstall", "info", "upgrade")
_TAKES_DIRECTORY = ("build", "validate", "inspect", "diff", *FAMILIES)
_WORDS = {"completion": ("bash", "zsh", "fish"), **{name: tuple(found) for name, found in FAMILIES.items()}}
"""What may follow a subcommand at once."""


ParserOf: TypeAlias = Callable[[str], argparse.ArgumentParser]


class _Option(NamedTuple):
    """An option of a subcommand."""

    long: str
    help: str
    choices: tuple[str, ...]
    takes_value: bool


Options: TypeAlias = dict[str, list[_Option]]
"""Those of each subcommand, by its name."""


def script(shell: str, parser_of: ParserOf) -> str:
    """Return the script for `bash`, `zsh` or `fish`.

    Args:
        shell: which.
        parser_of: returns the parser of a subcommand.
    """
    options = {name: _all_options(name, parser_of) for name in names()}
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](options)


def _summaries() -> dict[str, str]:
    return {name: summary for group in GROUPS.values() for name, summary in group.items()}


def _all_options(name: str, parser_of: ParserOf) -> list[_Option]:
    """Return the options of a subcommand, those of its members included where it is several, each once."""
    parsers = [parser_of(name), *(parser_of(f"{name} {member}") for member in FAMILIES.get(name, ()))]
    return list({option.long: option for parser in parsers for option in _options(parser)}.values())


def _options(parser: argparse.ArgumentParser) -> list[_Option]:
    """Return each option that has a long form."""
    found = []
    for action in parser._actions:
        long = next((option for option in action.option_strings if option.startswith("--")), "")
        if long and action.help is not argparse.SUPPRESS:
            found.append(_Option(long, action.help or "", tuple(action.choices or ()), action.nargs != 0))
    return found


def _bash(options: Options) -> str:
    cases = "\n".join(
        f"    {name}) options='{' '.join(option.long for option in found)}' ;;" for name, found in options.items()
    )
    all_choices = {option.long: option.choices for found in options.values() for option in found if option.choices}
    choices = "\n".join(
        f"    {long}) COMPREPLY=($(compgen -W '{' '.join(values)}' -- \"$word\")); return ;;"
        for long, values in all_choices.items()
    )
    words_of = "\n".join(
        f'    {name}) [[ "$before" == {name} ]] && COMPREPLY=($(compgen -W \'{" ".join(words)}\' -- "$word")) ;;'
        for name, words in _WORDS.items()
    )
    return f"""# thv-plugin completion for bash
_thv_plugin() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" command='' options='' store=() i
  local cur="$word" words cword
  # References hold colons, which bash takes for the end of a word.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n : cur words cword
    word="$cur"; before="${{words[cword-1]}}"
  else
    words=("${{COMP_WORDS[@]}}"); cword=$COMP_CWORD
  fi
  for ((i = 1; i < cword; i++)); do
    case "${{words[i]}}" in
      --store) store=(--store "${{words[i+1]}}"); ((i++)) ;;
      --format|--color) ((i++)) ;;
      -*) ;;
      *) command="${{words[i]}}"; break ;;
    esac
  done
  case "$before" in
    --store) COMPREPLY=($(compgen -d -- "$word")); return ;;
{choices}
  esac
  if [[ -z "$command" ]]; then
    COMPREPLY=($(compgen -W '{" ".join(_summaries())} --help --version --store' -- "$word"))
    return
  fi
  case "$command" in
{cases}
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
    return
  fi
  COMPREPLY=()
  local list=builds
  case "$command" in {"|".join(_TAKES_NAME)}) list=list ;; esac
  case "$command" in
    {"|".join((*_TAKES_TAG, *_TAKES_NAME))})
      # Not compgen -W, which would run a command that a hostile tag holds; and no tag that the shell could run later.
      local tag
      while IFS= read -r tag; do
        [[ "$tag" == "$word"* && "$tag" =~ ^[A-Za-z0-9_./:@+-]+$ ]] && COMPREPLY+=("$tag")
      done < <("${{words[0]}}" "${{store[@]}}" $list --quiet 2>/dev/null) ;;
{words_of}
  esac
  case "$command" in
    {"|".join(_TAKES_DIRECTORY)}) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- "$word")) ;;
  esac
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$word"; fi
}}
complete -F _thv_plugin thv-plugin
"""


def _zsh(options: Options) -> str:
    commands = "\n".join(f"    '{name}:{_single(summary)}'" for name, summary in _summaries().items())
    cases = "\n".join(
        f"        {name})\n          _arguments -s {' '.join(_zsh_options(found))} {_zsh_positionals(name)} ;;"
        for name, found in options.items()
    )
    return f"""#compdef thv-plugin
# thv-plugin completion for zsh
_thv_plugin_tags() {{
  local -a tags
  tags=("${{(@f)$(_call_program tags ${{words_before_subcommand[1]:-thv-plugin}} builds --quiet 2>/dev/null)}}")
  compadd -a tags
}}
_thv_plugin_names() {{
  local -a plugins
  plugins=("${{(@f)$(_call_program plugins ${{words_before_subcommand[1]:-thv-plugin}} list --quiet 2>/dev/null)}}")
  compadd -a plugins
}}
_thv_plugin_targets() {{ _thv_plugin_tags; _files -/ }}
_thv_plugin() {{
  local -a commands words_before_subcommand
  local curcontext="$curcontext" state line
  typeset -A opt_args
  words_before_subcommand=("$words[1]")
  commands=(
{commands}
  )
  _arguments -C '(- *)--help[show help]' '(- *)--version[show the version]' '--store=[the local store]:store:_files -/' \\
    '1:command:->command' '*::argument:->argument'
  case "$state" in
    command) _describe -t commands command commands ;;
    argument)
      case "$words[1]" in
{cases}
      esac ;;
  esac
}}
if [[ "$funcstack[1]" == _thv_plugin ]]; then _thv_plugin "$@"; else compdef _thv_plugin thv-plugin; fi
"""


def _zsh_options(options: Iterable[_Option]) -> Iterable[str]:
    for long, help_, choices, takes_value in options:
        text = _single(help_.replace("[", "(").replace("]", ")").replace(":", " "))
        if not takes_value:
            yield f"'{long}[{text}]'"
        elif choices:
            yield f"'{long}=[{text}]:value:({' '.join(choices)})'"
        else:
            yield f"'{long}=[{text}]:value:{'_files -/' if long == '--store' else ''}'"


def _zsh_positionals(name: str) -> str:
    if name in _WORDS:
        further = " '*:directory:_files -/'" if name in FAMILIES else ""
        return f"'1:word:({' '.join(_WORDS[name])})'{further}"
    if name in _TAKES_TAG and name in _TAKES_DIRECTORY:
        return "'*:target:_thv_plugin_targets'"
    if name in _TAKES_TAG:
        return "'*:tag:_thv_plugin_tags'"
    if name in _TAKES_NAME:
        return "'*:plugin:_thv_plugin_names'"
    return "'*:directory:_files -/'" if name in _TAKES_DIRECTORY else ""


def _fish(options: Options) -> str:
    lines = ["# thv-plugin completion for fish", "complete -c thv-plugin -f"]
    for name, summary in _summaries().items():
        lines.append(f"complete -c thv-plugin -n __fish_use_subcommand -a {name} -d '{_single(summary)}'")
    for name, found in options.items():
        seen = f"__fish_seen_subcommand_from {name}"
        for long, help_, choices, takes_value in found:
            line = f"complete -c thv-plugin -n '{seen}' -l {long[2:]} -d '{_single(help_)}'"
            if choices:
                line += f" -x -a '{' '.join(choices)}'"
            elif takes_value:
                line += " -r" + (" -a '(__fish_complete_directories)'" if long == "--store" else "")
            lines.append(line)
        if name in _TAKES_TAG:
            lines.append(f"complete -c thv-plugin -n '{seen}' -a '(thv-plugin builds --quiet 2>/dev/null)' -d tag")
        if name in _TAKES_NAME:
            lines.append(f"complete -c thv-plugin -n '{seen}' -a '(thv-plugin list --quiet 2>/dev/null)' -d plugin")
        if name in _TAKES_DIRECTORY:
            lines.append(f"complete -c thv-plugin -n '{seen}' -a '(__fish_complete_directories)'")
        if name in _WORDS:
            lines.append(f"complete -c thv-plugin -n '{seen}' -a '{' '.join(_WORDS[name])}'")
    return "\n".join(lines) + "\n"


def _single(text: str) -> str:
    """Return text that can go between single quotes."""
    return text.replace("'", "")
