"""Ids and process paths: how things are named, in code, on the wire, in the store and on screen.

A process is named by its session and its path (`root/planner/tester`); an incarnation counts its lives and is
written `root/planner/tester#3` where it matters. The path stays, the incarnation grows with each restart.
"""

import os
import re
import time
from typing import Final, TypeAlias

ProcessPath: TypeAlias = str

ROOT: Final[ProcessPath] = "root"
MAIN: Final = "main"

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,40}")


def new_id(prefix: str) -> str:
    """A fresh id that sorts by the millisecond it was made in: `s_` + 10 characters of time + 8 of chance."""
    stamp = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(5), "big")
    return f"{prefix}_{_base32(stamp, 10)}{_base32(chance, 8)}"


def _base32(number: int, width: int) -> str:
    digits: list[str] = []
    for _ in range(width):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def child_path(parent: ProcessPath, name: str) -> ProcessPath:
    """The path of a child called `name`; signs a path can't hold become `-`."""
    return f"{parent}/{clean_name(name)}" if parent else clean_name(name)


def clean_name(name: str) -> str:
    """`name` cut to what a path can hold; never empty."""
    kept = re.sub(r"[^A-Za-z0-9_.:-]+", "-", name).strip("-")[:40]
    return kept if _NAME.fullmatch(kept) else "agent"


def parent_path(path: ProcessPath) -> ProcessPath:
    """The path above, empty for a root."""
    return path.rpartition("/")[0]


def base_name(path: ProcessPath) -> str:
    """The last part of a path."""
    return path.rpartition("/")[2]


def is_within(path: ProcessPath, ancestor: ProcessPath) -> bool:
    """True when `path` is `ancestor` or below it."""
    return path == ancestor or path.startswith(ancestor + "/")


def with_incarnation(path: ProcessPath, incarnation: int) -> str:
    """How a life is written: `root/w1` for the first, `root/w1#2` from the second on."""
    return path if incarnation <= 1 else f"{path}#{incarnation}"
