"""What the exit status of the command means. docs/command.md documents each of them as a promise to pipelines."""

OK = 0
"""It worked, and what was asked for holds."""

FAILED = 1
"""Something failed that no other status names; the message on stderr says what."""

USAGE = 2
"""The command line is wrong: an unknown option, a malformed reference, platform or epoch; or a question came up with nobody to ask."""

INVALID_PLUGIN = 3
"""The directory is not a plugin that can be published, or the artifact holds none."""

SURFACE_GREW = 4
"""The newer version can do more than the older, or (`diff`) runs other code."""

NOT_VERIFIED = 5
"""`verify`: the artifact was not built from this source."""

NOT_FOUND = 6
"""There is no such tag, digest, reference, directory, file, client or installed plugin."""

DRIFTED = 7
"""`sync --check`: a plugin is not as the lock file says. `upgrade --fail-on-changes`: there is something new."""

PARTLY_FAILED = 8
"""Some of several failed, and the others are done; or all failed, for different reasons."""

NOT_TRUSTED = 9
"""Nobody whom the user trusts has signed it; or it is not signed and that was not accepted, or a person said no."""

INTERRUPTED = 130
"""Ctrl-C (128 + SIGINT)."""

CLOSED_PIPE = 141
"""The reader of our output went away (128 + SIGPIPE, what a shell reports for any program that this ends)."""

TERMINATED = 143
"""Asked to end (128 + SIGTERM)."""


class Terminated(BaseException):
    """SIGTERM: unwinds the run as Ctrl-C does, so that temporary files and claims on the store are given back."""
