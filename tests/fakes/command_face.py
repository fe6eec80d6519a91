"""A face for commands that keeps what they did to it, and answers what a test told it to answer."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

import msgspec

from vega_tui.client.views.view_set import ViewSet
from vega_tui.commands.context import Choice, Level, Pane
from vega_tui.core.records import Approval
from vega_tui.core.words import Mode
from vega_tui.protocol.operations import Operation, SessionOpen
from vega_tui.protocol.rows import SessionRow, Snapshot

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)


class CommandFace:
    """Implements CommandContext. `did` holds the acts in order, `asked` the operations."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.live = True
        self.read_only = False
        self.views = ViewSet()
        row = SessionRow(id="s1", name="one", cwd="/work", model="sim", mode=Mode.MANUAL)
        self.views.load(snapshot or Snapshot(seq=1, session=row))
        self.card: Approval | None = None
        self.selected = "root"
        self.selected_alert = ""
        self.prompt = _Prompt(self)
        self.themes = _Themes()
        self.dialogs = _Dialogs(self)
        self.panes = _Panes(self)
        self.sessions = _Sessions(self)
        self.asked: list[tuple[str, msgspec.Struct]] = []
        self.results: dict[str, Callable[[], msgspec.Struct]] = {}
        self.did: list[tuple[str, ...]] = []
        self.said: list[str] = []
        self.texts: list[str | None] = []
        self.choices: list[str | None] = []
        self.offered: list[Sequence[Choice]] = []
        self.confirms = True
        self.questions: list[str] = []

    @property
    def session(self) -> SessionRow | None:
        return self.views.header.session

    @property
    def shown(self) -> str:
        return self.views.chat.process

    async def call(self, op: Operation[P, R], params: P) -> R:
        self.asked.append((op.name, params))
        result = self.results[op.name]() if op.name in self.results else op.result()
        assert isinstance(result, op.result)
        return result

    def notify(self, text: str, level: Level = "info") -> None:
        self.said.append(text)

    def copy(self, text: str) -> None:
        self.did.append(("copy", text))

    async def quit(self) -> None:
        self.did.append(("quit",))


class _Dialogs:
    def __init__(self, face: "CommandFace") -> None:
        self._face = face

    def show_text(self, title: str, text: str) -> None:
        self._face.did.append(("show_text", title, text))

    async def ask_text(self, title: str, value: str = "") -> str | None:
        return self._face.texts.pop(0)

    async def choose(self, title: str, choices: Sequence[Choice], current: str = "") -> str | None:
        self._face.offered.append(choices)
        return self._face.choices.pop(0)

    async def confirm(self, question: str, yes: str) -> bool:
        self._face.questions.append(question)
        return self._face.confirms


class _Panes:
    def __init__(self, face: "CommandFace") -> None:
        self._face = face

    def show(self, pane: Pane) -> None:
        self._face.did.append(("pane", pane))

    async def show_process(self, path: str) -> None:
        self._face.did.append(("show", path))

    def describe_process(self, path: str) -> None:
        self._face.did.append(("describe_process", path))

    def toggle(self, what: Literal["tools", "thinking"]) -> None:
        self._face.did.append(("toggle", what))

    def open_card(self, approval: str) -> None:
        self._face.did.append(("card", approval))

    def use_card(self, command: str) -> None:
        self._face.did.append(("use_card", command))

    def open_help(self) -> None:
        self._face.did.append(("help",))

    def open_palette(self) -> None:
        self._face.did.append(("palette",))


class _Sessions:
    def __init__(self, face: "CommandFace") -> None:
        self._face = face

    async def open(self, opening: SessionOpen) -> None:
        self._face.did.append(("open", opening.session or opening.name))

    def pick(self) -> None:
        self._face.did.append(("pick",))


class _Prompt:
    def __init__(self, face: "CommandFace") -> None:
        self._face = face
        self.text = ""

    def set(self, text: str) -> None:
        self.text = text

    def focus(self) -> None:
        self._face.did.append(("prompt",))

    async def edit_externally(self) -> None:
        self._face.did.append(("editor",))

    def search_history(self) -> None:
        self._face.did.append(("history",))


class _Themes:
    names = ("night", "paper")

    def __init__(self) -> None:
        self.name = "night"

    def wear(self, name: str) -> None:
        self.name = name
