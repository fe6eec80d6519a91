"""What a headless run is asked: the words of the command line, with what was piped in as their context."""

import re
import select
from typing import BinaryIO, Final

from vega_tui.core.errors import UserError
from vega_tui.plain.output import Out

_MOST_BYTES: Final = 10_000_000
_PATIENCE_S: Final = 3.0  # then a person learns what is waited for


def read_context(stdin: BinaryIO | None, notes: Out, *, patience_s: float = _PATIENCE_S) -> str:
    """All that is piped in; empty where stdin is a terminal, closed or empty.

    Says so on `notes` when nothing comes for a while: a pipe that nobody closes would otherwise hang in silence.
    """
    if stdin is None or stdin.closed or stdin.isatty():
        return ""
    try:
        ready, _, _ = select.select([stdin], [], [], patience_s)
        if not ready:
            notes.line("vega-tui: waiting for the end of stdin; without context: vega-tui -p PROMPT < /dev/null")
        data = stdin.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UserError(f"stdin can't be read ({error}); use < /dev/null") from error
    if len(data) > _MOST_BYTES:
        raise UserError(f"stdin holds more than {_MOST_BYTES // 1_000_000} MB; name a file in the prompt instead")
    return data.decode("utf-8", "replace")


def with_context(prompt: str, context: str) -> str:
    """The prompt, then its context in a fence of its own. Raises UserError where there is nothing to ask."""
    if not prompt.strip():
        if not context.strip():
            raise UserError("nothing to ask: vega-tui -p 'PROMPT', or pipe the prompt in")
        return context
    if not context.strip():
        return prompt
    longest = max((len(run) for run in re.findall(r"`+", context)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if context.endswith("\n") else "\n"
    return f"{prompt}\n\nContext, from stdin:\n{fence}\n{context}{end}{fence}"
