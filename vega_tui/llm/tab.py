"""What one model call has run up, failed attempts included: what the server counted, else the most it can be. Pure."""

import string
from collections.abc import Callable
from typing import Final

import msgspec

from vega_tui.core.messages import Usage

_PAIRED: Final = (string.ascii_letters + " ").encode()
_PER_CALL: Final = 32  # what stands around a call's name and arguments


def tokens_at_most(text: str) -> int:
    """No fewer than a model's tokens for this: one a byte of UTF-8, but one for two ASCII letters or spaces."""
    data = text.encode(errors="replace")
    others = len(data.translate(None, _PAIRED))
    return others + (len(data) - others + 1) // 2


class Tab:
    """Feed it what is received; `end` and `cut` close an attempt, after which `usage` and `cost_usd` hold it too.

    Cut off, an attempt comes to what the server had counted and the most that was received since; without any of
    both, to its whole hold. One whose request was never sent comes to nothing.
    """

    def __init__(self, cost: Callable[[Usage], float | None]) -> None:
        self.usage = Usage()
        self.cost_usd: float | None = 0.0  # None: the model's price is unknown
        self.last = Usage()  # of the attempt that was closed last
        self._cost = cost
        self._hold_usd: float | None = 0.0
        self._prompt_tokens = self._max_tokens = 0
        self._counted: Usage | None = None  # None: no request is on its way
        self._since: list[str] = []  # received after the last count
        self._unread = 0  # tokens received after it that no piece shows

    def hold(self, amount_usd: float | None, *, prompt_tokens: int, max_tokens: int) -> None:
        """The next attempt costs this at most (None: unknown); its prompt is a guess, its answer ends there."""
        self._hold_usd, self._prompt_tokens, self._max_tokens = amount_usd, prompt_tokens, max_tokens

    def counted(self, usage: Usage) -> None:
        """The server's count up to here; an empty one when the request is sent."""
        self._counted = usage
        self._forget()

    def received(self, text: str) -> None:
        """A piece of the answer, of thinking or of a call's arguments."""
        self._since.append(text)

    def received_call(self, tool: str) -> None:
        """A call begins."""
        self._since.append(tool)
        self._unread += _PER_CALL

    def received_sealed(self, size: int) -> None:
        """So many bytes that nobody can read."""
        self._unread += size

    def end(self, usage: Usage) -> None:
        """The answer came whole."""
        self._close(usage, self._cost(usage))

    def cut(self, *, unbilled: bool = False) -> float | None:
        """The attempt ended early: what it cost. `unbilled`: no answer can have begun."""
        usage, cost = Usage(), 0.0
        if self._counted is not None and not unbilled:
            usage, cost = self._at_most(self._counted)
        self._close(usage, cost)
        return cost

    def _at_most(self, counted: Usage) -> tuple[Usage, float | None]:
        said = self._unread + tokens_at_most("".join(self._since))
        if not counted.prompt_tokens:
            if not said:
                return Usage(), self._hold_usd
            counted = msgspec.structs.replace(counted, input_tokens=self._prompt_tokens)
        output = max(counted.output_tokens, min(counted.output_tokens + said, self._max_tokens))
        usage = msgspec.structs.replace(counted, output_tokens=output)
        return usage, self._cost(usage)

    def _close(self, usage: Usage, cost: float | None) -> None:
        self.usage = self.usage + usage
        self.cost_usd = None if self.cost_usd is None or cost is None else self.cost_usd + cost
        self.last = usage
        self._counted = None
        self._forget()

    def _forget(self) -> None:
        self._since.clear()
        self._unread = 0
