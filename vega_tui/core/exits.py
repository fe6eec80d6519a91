"""Exit codes of the program, the same for every command."""

from enum import IntEnum


class Exit(IntEnum):
    """What a script learns from the end of a command."""

    OK = 0
    ERROR = 1
    USAGE = 2
    BUDGET = 3
    DENIED = 4  # an approval was needed or denied
    HOST = 5  # the host can't be reached
    INTERRUPTED = 130
