"""What the launcher hands to the app: the options it read and what was typed meanwhile. Loads nothing heavy."""

from collections.abc import Callable


class Typed:
    """Keys taken before the app could: the prompt's text, texts already sent with Enter, bytes not understood."""

    __slots__ = ("rest", "sent", "text")

    def __init__(self, text: str = "", sent: tuple[str, ...] = (), rest: bytes = b"") -> None:
        self.text = text
        self.sent = sent
        self.rest = rest


class FaceOptions:
    """What the command line asks of the screen. Empty and None mean: as the session or the configuration says."""

    def __init__(self) -> None:
        self.prompt = ""
        self.latest = False
        self.resume: str | None = None  # None: not asked; empty: choose from a list
        self.name = ""
        self.model = ""
        self.mode = ""
        self.budget_usd: float | None = None
        self.max_turns: int | None = None
        self.theme = ""
        self.read_only = False
        self.ephemeral = False
        self.demo = False
        self.ascii = False


class Startup:
    """Everything the app is started with.

    `take` ends the launcher's own reading and gives what it read. `start_host` starts a host of this home, and
    raises OSError where that is impossible; `host_ended` tells whether one that was started has ended again.
    `on_signal` is given what ends the app in order when the terminal goes or a signal comes.
    """

    def __init__(
        self,
        options: FaceOptions,
        *,
        take: Callable[[], Typed] = Typed,
        start_host: Callable[[], None] = lambda: None,
        host_ended: Callable[[], bool] = lambda: False,
        on_signal: Callable[[Callable[[], None]], None] = lambda _: None,
    ) -> None:
        self.options = options
        self.take = take
        self.start_host = start_host
        self.host_ended = host_ended
        self.on_signal = on_signal
        self.words: list[str] = []  # what was found in settings and keymap, told once when the host is there
