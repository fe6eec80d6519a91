"""How processes of ours are started: with the module path that we have, and nothing of the folder we are in."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

MODULE_PATH: Final = "VEGA_MODULE_PATH"  # from us to own_start.py, which takes it out again
_START: Final = str(Path(__file__).with_name("own_start.py"))
# Lists of places that code is loaded from. An empty or relative place in them would be in the current folder.
_PLACES: Final = frozenset(
    ("PATH", "GCONV_PATH", "LOCPATH", "NLSPATH", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES", "SSL_CERT_DIR")
)
_NAMED: Final = frozenset(("LD_PRELOAD", "LD_AUDIT"))  # a bare name in them is looked for among the system's libraries
_DROPPED: Final = ("PYTHON", "BASH_FUNC_")
_DROPPED_NAMES: Final = frozenset(("BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "PS4", MODULE_PATH))


def command(module: str, *arguments: str) -> list[str]:
    """The command line that runs a module of ours: isolated from environment, user hooks and current folder."""
    flags = ["-I", "-B"] if sys.dont_write_bytecode else ["-I"]
    return [sys.executable, *flags, _START, module, *arguments]


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """`env` as a process of ours gets it, with our module path: nothing in it steers Python or a shell, and no
    place to load code from is relative.
    """
    kept = {name: _absolute(name, value) for name, value in env.items() if not _is_dropped(name)}
    return {name: value for name, value in kept.items() if value or not env[name]}


def with_module_path(env: Mapping[str, str], path: Iterable[str] | None = None) -> dict[str, str]:
    """`environment(env)` and what `command` needs beside it: where modules are, by default as in this process."""
    places = [place for place in (sys.path if path is None else path) if place.startswith("/")]
    return {**environment(env), MODULE_PATH: os.pathsep.join(places)}


def _is_dropped(name: str) -> bool:
    return name.startswith(_DROPPED) or name in _DROPPED_NAMES


def _absolute(name: str, value: str) -> str:
    """A list of places without its empty and relative ones; any other value as it is."""
    if name in _NAMED:
        items = value.replace(" ", ":").split(":")
        return ":".join(item for item in items if item and (item.startswith("/") or "/" not in item))
    if name in _PLACES or name.startswith(("LD_", "DYLD_")):
        return ":".join(item for item in value.split(":") if item.startswith("/"))
    return value


def program(name: str, env: Mapping[str, str]) -> str:
    """The program that `name` means on the PATH of `env`, looked for in absolute folders only; empty: none."""
    for folder in _absolute("PATH", env.get("PATH", os.defpath)).split(":"):
        found = f"{folder}/{name}"
        if folder and os.access(found, os.X_OK) and not Path(found).is_dir():
            return found
    return ""
