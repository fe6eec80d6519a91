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


class CommandContext(Protocol):
    """The face, at the moment a command runs."""

    # --- what is so ---------------------------------------------------------------------------------------

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
    def card(self) -> Approval | None:
        """The question on the card that has focus and takes keys by now; None else."""
        ...

    @property
    def selected_alert(self) -> str:
        """Id of the alert under the cursor; empty where none is."""
        ...

    @property
    def prompt_text(self) -> str:
        """What stands in the prompt."""
        ...

    @property
    def themes(self) -> tuple[str, ...]:
        """Names of the themes there are."""
        ...

    @property
    def theme(self) -> str:
        """Name of the theme in use."""
        ...

    # --- what it can do -----------------------------------------------------------------------------------

    async def call(self, op: Operation[P, R], params: P) -> R:
        """Ask the host. Raises what the host raises; whoever runs a command shows it in one line."""
        ...

    def notify(self, text: str, level: Level = "info") -> None:
        """Say one line that goes away by itself."""
        ...

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

    def show_pane(self, pane: Pane) -> None:
        """Bring a pane to the front and give it the keys."""
        ...

    async def show_process(self, path: str) -> None:
        """Show a process's transcript."""
        ...

    def describe_process(self, path: str) -> None:
        """Show how a process is supervised: its lives, what its supervisor does next."""
        ...

    async def open_session(self, opening: SessionOpen) -> None:
        """Leave this session for another one. Raises where that can't be opened; then this one stays."""
        ...

    def pick_session(self) -> None:
        """Open the session picker."""
        ...

    def focus_approval(self, approval: str) -> None:
        """Open the card of a question and give it the keys."""
        ...

    def use_card(self, command: str) -> None:
        """Do what a key of the card that has focus does; `command` is its command's id."""
        ...

    def focus_prompt(self) -> None:
        """Give the keys back to the prompt."""
        ...

    def set_prompt(self, text: str) -> None:
        """Put `text` in the prompt, in place of what stands there."""
        ...

    def toggle(self, what: Literal["tools", "thinking"]) -> None:
        """Fold or unfold all of a kind in the transcript."""
        ...

    def set_theme(self, name: str) -> None:
        """Use a theme from now on, and next time."""
        ...

    def copy(self, text: str) -> None:
        """Put `text` on the clipboard."""
        ...

    def open_help(self) -> None:
        """Show every command with its keys."""
        ...

    def open_palette(self) -> None:
        """Search all commands by what they do."""
        ...

    async def edit_prompt_externally(self) -> None:
        """Open the prompt's text in $VISUAL or $EDITOR and take back what was written."""
        ...

    def search_history(self) -> None:
        """Search what was said before, for the prompt."""
        ...

    async def quit(self) -> None:
        """End the face. What lives in the host goes on."""
        ...
