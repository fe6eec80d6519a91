"""What the simulated model's server would charge for: each request as far as it was answered."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import msgspec

from vega_tui.core.messages import Usage

CHARS_PER_TOKEN: Final = 4
CHARS_PER_CALL: Final = 24  # what stands around a call's arguments


@dataclass(slots=True, eq=False)
class Item:
    """One answer: its prompt counts once it begins, each token as it is sent."""

    model: str
    prompt: Usage
    answer_tokens: int  # of the whole answer
    sent_chars: int = 0
    whole: bool = False  # the server told its count

    @property
    def usage(self) -> Usage:
        """Tokens charged for so far."""
        said = self.answer_tokens if self.whole else tokens(self.sent_chars)
        return msgspec.structs.replace(self.prompt, output_tokens=said)


@dataclass(slots=True)
class Bill:
    """All answers that were begun."""

    ended: Usage = field(default_factory=Usage)
    open: list[Item] = field(default_factory=list[Item])

    @contextmanager
    def item(self, model: str, prompt: Usage, answer_tokens: int) -> Generator[Item]:
        """An answer, from its beginning to its end."""
        item = Item(model, prompt, answer_tokens)
        self.open.append(item)
        try:
            yield item
        finally:
            self.open.remove(item)
            self.ended = self.ended + item.usage

    @property
    def usage(self) -> Usage:
        """Tokens of all of them."""
        return sum((item.usage for item in self.open), self.ended)


def tokens(chars: int) -> int:
    """A plausible count of an answer's tokens."""
    return max(1, chars // CHARS_PER_TOKEN)
