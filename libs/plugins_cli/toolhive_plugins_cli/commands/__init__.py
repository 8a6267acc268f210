"""One module a subcommand; `dispatch` loads the one that was named."""
