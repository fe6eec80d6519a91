"""What of a tool's output leaves the pipeline: cut to size, without secrets."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from vega_tui.core.messages import JsonObject, Observation
from vega_tui.core.secrecy import environment

MAX_CHARS: Final = 30_000
_HIDDEN: Final = "[redacted]"
_KEY_NAME = re.compile(r"(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|AUTH)(?:_|$)", re.I)
_KEY_SHAPE = re.compile(
    r"sk-ant-[\w-]{8,}|\bsk-[A-Za-z0-9_-]{20,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|"
    r"\bxox[baprs]-[\w-]{10,}|\bAKIA[0-9A-Z]{16}\b|\bglpat-[\w-]{16,}|\bAIza[\w-]{30,}|"
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)


def secret_values(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Values of variables whose names say that they hold keys; the longest first."""
    source = environment() if environ is None else environ
    found = {value for name, value in source.items() if _KEY_NAME.search(name) and len(value) >= 8}
    return tuple(sorted(found, key=len, reverse=True))


def redactor(secrets: Iterable[str] = ()) -> Callable[[str], str]:
    """A function that takes these values, and what looks like a key, out of a text."""
    known = [re.escape(value) for value in secrets]
    shape = re.compile("|".join([*known, _KEY_SHAPE.pattern]))

    def redact(text: str) -> str:
        return shape.sub(_HIDDEN, text)

    return redact


def cut(text: str, limit: int = MAX_CHARS) -> str:
    """`text`, or its head and tail with a line between them that says how much is missing."""
    if len(text) <= limit:
        return text
    head, tail = limit // 3, limit - limit // 3
    missing = len(text) - head - tail
    return f"{text[:head]}\n[… {missing:,} characters cut …]\n{text[-tail:]}"


def trimmed(observation: Observation, redact: Callable[[str], str]) -> Observation:
    """The observation as the model and the log get it: redacted, cut, and flagged where that changed it."""
    given = {name: storable(str(getattr(observation, name))) for name in ("text", "display", "diff", "fact")}
    clean = {name: redact(text) for name, text in given.items()}
    short = {name: cut(text) for name, text in clean.items()}
    return msgspec.structs.replace(
        observation,
        text=short["text"],
        display=short["display"],
        diff=short["diff"],
        fact=short["fact"],
        details=_plain_details(observation.details),
        redacted=observation.redacted or clean != given,
        truncated=observation.truncated or short != clean,
    )


def storable(text: str) -> str:
    """`text` without halves of surrogate pairs, which no encoder takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _plain_details(details: JsonObject) -> JsonObject:
    try:
        msgspec.json.encode(details)
    except (TypeError, ValueError, msgspec.MsgspecError):  # a tool that isn't ours put in what can't be stored
        return {"value": storable(repr(details))}
    return details
