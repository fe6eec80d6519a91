"""One process's thread of entries. Owns the head of the branch it writes to; survives incarnations."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from vega_tui.agent.history import to_messages
from vega_tui.core import clock
from vega_tui.core.errors import BugError, StorageError
from vega_tui.core.events import BranchCreated, BranchMoved, EntryAdded
from vega_tui.core.ids import new_id
from vega_tui.core.messages import Message
from vega_tui.core.ports import Bus, ToolSchema
from vega_tui.core.records import Entry, EntryKind


class Stored(Protocol):
    """A process's thread as the store has it, with all that was published before."""

    async def lineage(self, head: str) -> list[Entry]:
        """The entries up to `head`, oldest first."""
        ...

    async def head(self, branch: str) -> str:
        """The newest entry of the branch, empty when it has none."""
        ...


@dataclass(slots=True)
class _Position:
    branch: str
    head: str


class Conversation:
    """The entries from a beginning to the branch's head, appended to by one incarnation at a time."""

    def __init__(self, bus: Bus, *, session: str, process: str, stored: Stored) -> None:
        self.session = session
        self.process = process
        self.bus = bus
        self._stored = stored
        self._lost = ""  # why what was appended is not in the log
        self.unsaid = ""  # the same of a life before, until this one has said so
        self._position: _Position | None = None
        self._entries: list[Entry] | None = None
        self._lock = asyncio.Lock()

    @property
    def branch(self) -> str:
        """The branch that is written to."""
        return self._at().branch

    @property
    def head(self) -> str:
        """Id of the newest entry, empty before the first."""
        return self._at().head

    @property
    def entries(self) -> list[Entry]:
        """All entries, oldest first. Only after `load()`."""
        if self._entries is None:
            raise BugError(f"the conversation of {self.process} is read before it is loaded")
        return self._entries

    def begin(self, branch: str) -> None:
        """Start an empty thread on a new branch."""
        self.bus.publish(BranchCreated(session=self.session, process=self.process, branch=branch))
        self._position = _Position(branch, "")
        self._entries = []

    def begin_again(self, branch: str) -> None:
        """Start an empty thread on a new branch and make it the active one; the old one stays to be read."""
        self.begin(branch)
        self.bus.publish(BranchMoved(session=self.session, process=self.process, branch=branch, head="", active=True))

    def give(self, messages: Iterable[Message], incarnation: int) -> None:
        """Append what was said elsewhere, as if it had been said here."""
        for message in messages:
            kind: EntryKind = "user" if message.role == "user" else "assistant"
            author = "you" if message.role == "user" else self.process
            self.append(kind, incarnation=incarnation, content=message.content, author=author)

    def place(self, branch: str, head: str) -> None:
        """Go on from a branch's stored head; entries are read when they are first needed."""
        self._position = _Position(branch, head)
        self._entries = None

    async def move(self, branch: str, head: str, *, origin: str | None = None) -> None:
        """Go on from a branch's head; `origin`: the branch begins here, and where from. The owner's alone.

        Raises StorageError, and then nothing has moved.
        """
        entries = await self._stored.lineage(head) if head else []
        session, process = self.session, self.process
        if origin is not None:
            self.bus.publish(BranchCreated(session=session, process=process, branch=branch, head=head, origin=origin))
        self._position, self._entries = _Position(branch, head), entries
        self.bus.publish(BranchMoved(session=session, process=process, branch=branch, head=head, active=True))

    def lose(self, why: str) -> bool:
        """The log refused what was said here: the next life reads what is stored. False when that was known."""
        known, self._lost = bool(self._lost), self._lost or why
        return not known

    def check(self) -> None:
        """Raise StorageError when what was appended is not in the log: nothing may be done on it."""
        if self._lost:
            raise StorageError(self._lost)

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[None]:
        """Hold the right to append. An earlier incarnation's clean-up ends first."""
        async with self._lock:
            if self._lost:
                # The head is read after all that the life before had published was stored or refused.
                branch = self._at().branch
                self.place(branch, await self._stored.head(branch))
                self.unsaid, self._lost = self._lost, ""
            await self.load()
            yield

    async def load(self) -> None:
        """Read the entries from the store, unless they are here."""
        if self._entries is None:
            position = self._at()
            self._entries = await self._stored.lineage(position.head) if position.head else []

    def append(self, kind: EntryKind, **fields: Any) -> Entry:  # fields of Entry, checked by msgspec below
        """Add a step after the head and publish it. Raises TypeError for a field an entry doesn't have."""
        position = self._at()
        entry = Entry(
            id=new_id("e"),
            session=self.session,
            process=self.process,
            kind=kind,
            parent=position.head,
            ts=clock.wall(),
            **fields,
        )
        position.head = entry.id
        if self._entries is not None:
            self._entries.append(entry)
        self.bus.publish(
            EntryAdded(
                session=self.session,
                process=self.process,
                run=entry.run,
                turn=entry.turn,
                branch=position.branch,
                entry=entry,
            )
        )
        return entry

    def messages(self) -> tuple[Message, ...]:
        """The thread as the model is to see it."""
        return to_messages(self.entries)

    def size_in_tokens(self, model: str, system: str, tools: tuple[ToolSchema, ...]) -> int:
        """What the next prompt is guessed to have: the server's newest count, and a token for three bytes since."""
        counted = len(self.entries)
        for entry in reversed(self.entries):
            counted -= 1
            if entry.usage is not None and entry.usage.prompt_tokens and not entry.interrupted and entry.model == model:
                since = sum(_size(later) for later in self.entries[counted + 1 :])
                return entry.usage.prompt_tokens + entry.usage.output_tokens + since // 3
        return (len(msgspec.json.encode((self.messages(), tools))) + len(system)) // 3

    def last_text(self) -> str:
        """The newest answer in words, empty when there is none."""
        for entry in reversed(self.entries):
            if entry.kind == "assistant":
                text = "".join(getattr(block, "text", "") for block in entry.content).strip()
                if text:
                    return text
        return ""

    def awaits_answer(self) -> bool:
        """Whether the thread ends with something that the model has not answered."""
        said = [entry.kind for entry in self.entries if entry.kind in ("user", "assistant", "tool_result")]
        return bool(said) and said[-1] != "assistant"

    def goes_on(self, given: int) -> bool:
        """Whether anything was said here after the `given` messages that it began with."""
        return sum(1 for entry in self.entries if entry.kind in ("user", "assistant", "tool_result")) > given

    def _at(self) -> _Position:
        if self._position is None:
            raise BugError(f"the conversation of {self.process} has no branch")
        return self._position


def _size(entry: Entry) -> int:
    told = len(entry.observation.text.encode()) if entry.observation is not None else 0
    return told + len(msgspec.json.encode(entry.content))
