"""Keeps keys and passwords in this process: out of its environment, out of others' sight, out of what is shown.

Light: the launcher imports it, and ctypes comes only when something is hidden.
"""

import base64
import os
import re
import sys
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

_NAME: Final = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|_PASS$|_PWD$|^AUTH_|_AUTH$", re.IGNORECASE)
# What stands between :// and the last @ before the path begins: a name and a password, or a token alone.
_USERINFO: Final = re.compile(r"(?<=://)[^\s/?#\\\"'<>]*@")
_PR_SET_DUMPABLE: Final = 4
_PT_DENY_ATTACH: Final = 31  # macOS

_SHOWN: Final = "(key)"
_KNOWN_CHARS: Final = 8  # a shorter one would blot out ordinary words

_taken: dict[str, str] = {}
_known: set[str] = set()


def is_key(name: str) -> bool:
    """Whether a variable of this name holds a key, a token or a password."""
    return _NAME.search(name) is not None


def is_secret(name: str, value: str = "") -> bool:
    """Whether a variable is one that only we may see: by its name, or by a password in its address."""
    return is_key(name) or _USERINFO.search(value) is not None


def without_userinfo(text: str) -> str:
    """A text with the names and passwords taken out of every address in it."""
    return _USERINFO.sub("", text) if "@" in text else text


def know(*secrets: str) -> None:
    """Remember values that `cleaned` takes out from now on: keys and passwords that this process was given."""
    _known.update(secret for secret in secrets if len(secret) >= _KNOWN_CHARS)


def cleaned(text: str) -> str:
    """A text that may go to a log: without passwords of addresses and without every key that is known here."""
    text = without_userinfo(text)
    for secret in sorted((*_known, *_taken.values()), key=len, reverse=True):
        if len(secret) >= _KNOWN_CHARS:
            text = text.replace(secret, _SHOWN)
    return text


def passwords_in(url: str) -> tuple[str, ...]:
    """What must not show of an address: its user and password as they stand, decoded, and as a header has them."""
    try:
        parts = urlsplit(url)
        name, password = parts.username or "", parts.password or ""
    except ValueError:
        return ()
    if not (name or password):
        return ()
    plain = f"{unquote(name)}:{unquote(password)}"
    header = base64.b64encode(plain.encode()).decode()
    secret = password or name  # one alone is a token
    return tuple(dict.fromkeys((header, plain, f"{name}:{password}", secret, unquote(secret))))


def environment() -> Mapping[str, str]:
    """The environment this process was given, with what `withdraw` has taken out of it."""
    return {**_taken, **os.environ}


def withdraw(*, all_keys: bool) -> None:
    """Take keys out of the environment, and keep other processes of this user from looking into this one.

    Call it before anything is started. `all_keys`: every variable that looks like one goes, and not the model's
    alone; addresses with passwords, as proxies', stay for our own connections. Nobody can attach a debugger then,
    and no core is dumped.
    """
    for name, value in list(os.environ.items()):
        if not is_secret(name, value):
            continue
        _wipe(name, value)
        if is_key(name) and (all_keys or name in _MODEL_KEYS):
            _taken[name] = value
            del os.environ[name]
        else:
            os.environ[name] = value  # a copy of our own: not where the kernel shows what we were started with
    _hide()


_MODEL_KEYS: Final = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")


def _wipe(name: str, value: str) -> None:
    """Overwrite a value where it was handed to us: /proc/PID/environ, or `ps`, shows that place."""
    import ctypes

    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_void_p
    place = libc.getenv(os.fsencode(name))
    if place and ctypes.string_at(place) == os.fsencode(value):
        ctypes.memset(place, 0, len(os.fsencode(value)))


def _hide() -> None:
    import ctypes

    libc = ctypes.CDLL(None)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    elif sys.platform == "darwin":
        import resource

        libc.ptrace(_PT_DENY_ATTACH, 0, None, 0)
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
