"""What a command needs of the face it runs in. Faces implement it; commands know nothing else of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypeVar

import msgspec

from vega_tui.client.views.view_set import ViewSet
from vega_tui.core.records import Approval
from vega_tui.protocol.operations import Operation, SessionOpen
from vega_tui.protocol.rows import SessionRow

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)

Pane: TypeAlias = Literal["fleet", "chat", "inbox", "alerts", "budget", "log", "sessions"]
Level: TypeAlias = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose from; `id` is what the choosing returns."""

    id: str
    title: str
    detail: str = ""


class Dialogs(Protocol):
    """Asks the person, and shows what is read and closed again."""

    def show_text(self, title: str, text: str) -> None:
        """Show a page of plain text until it is closed."""
        ...

    async def ask_text(self, title: str, value: str = "") -> str | None:
        """Ask for a line; None when it was left with Esc."""
        ...

    async def choose(self, title: str, choices: Sequence[Choice], current: str = "") -> str | None:
        """Ask for one of `choices`; its id, or None when it was left with Esc."""
        ...

    async def confirm(self, question: str, yes: str) -> bool:
        """Ask before something that can't be undone; `yes` names what the yes does."""
        ...


class Panes(Protocol):
    """What is shown, and what has the keys."""

    def show(self, pane: Pane) -> None:
        """Bring a pane to the front and give it the keys."""
        ...

    async def show_process(self, path: str) -> None:
        """Show a process's transcript."""
        ...

    def describe_process(self, path: str) -> None:
        """Show how a process is supervised: its lives, what its supervisor does next."""
        ...

    def toggle(self, what: Literal["tools", "thinking"]) -> None:
        """Fold or unfold all of a kind in the transcript."""
        ...

    def open_card(self, approval: str) -> None:
        """Open the card of a question and give it the keys."""
        ...

    def use_card(self, command: str) -> None:
        """Do what a key of the card that has focus does; `command` is its command's id."""
        ...

    def open_help(self) -> None:
        """Show every command with its keys."""
        ...

    def open_palette(self) -> None:
        """Search all commands by what they do."""
        ...


class SessionDoor(Protocol):
    """From one session to another."""

    async def open(self, opening: SessionOpen) -> None:
        """Leave this session for another one. Raises where that can't be opened; then this one stays."""
        ...

    def pick(self) -> None:
        """Open the session picker."""
        ...


class PromptText(Protocol):
    """What stands in the prompt."""

    @property
    def text(self) -> str:
        """The text itself."""
        ...

    def set(self, text: str) -> None:
        """Put `text` in the prompt, in place of what stands there."""
        ...

    def focus(self) -> None:
        """Give the keys back to the prompt."""
        ...

    async def edit_externally(self) -> None:
        """Open the text in $VISUAL or $EDITOR and take back what was written."""
        ...

    def search_history(self) -> None:
        """Search what was said before."""
        ...


class Themes(Protocol):
    """The themes of this face."""

    @property
    def names(self) -> tuple[str, ...]:
        """All there are."""
        ...

    @property
    def name(self) -> str:
        """The one in use."""
        ...

    def wear(self, name: str) -> None:
        """Use a theme from now on, and next time."""
        ...


class CommandContext(Protocol):
    """The face, at the moment a command runs."""

    @property
    def live(self) -> bool:
        """The host is there to be asked."""
        ...

    @property
    def read_only(self) -> bool:
        """Nothing may be changed from this face."""
        ...

    @property
    def views(self) -> ViewSet:
        """What the face shows."""
        ...

    @property
    def session(self) -> SessionRow | None:
        """The open session; None while all are watched or none is open yet."""
        ...

    @property
    def shown(self) -> str:
        """Path of the process whose transcript is shown."""
        ...

    @property
    def selected(self) -> str:
        """Path of the process under the cursor of a list with focus, else the shown one."""
        ...

    @property
    def selected_alert(self) -> str:
        """Id of the alert under the cursor; empty where none is."""
        ...

    @property
    def card(self) -> Approval | None:
        """The question on the card that has focus and takes keys by now; None else."""
        ...

    @property
    def dialogs(self) -> Dialogs: ...

    @property
    def panes(self) -> Panes: ...

    @property
    def sessions(self) -> SessionDoor: ...

    @property
    def prompt(self) -> PromptText: ...

    @property
    def themes(self) -> Themes: ...

    async def call(self, op: Operation[P, R], params: P) -> R:
        """Ask the host. Raises what the host raises; whoever runs a command shows it in one line."""
        ...

    def notify(self, text: str, level: Level = "info") -> None:
        """Say one line that goes away by itself."""
        ...

    def copy(self, text: str) -> None:
        """Put `text` on the clipboard."""
        ...

    async def quit(self) -> None:
        """End the face. What lives in the host goes on."""
        ...
