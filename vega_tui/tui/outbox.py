"""What was written in the prompt and is on its way: sent now or kept while there is no host; drafts, a bit later."""

import asyncio
from collections.abc import Callable
from typing import Final

from vega_tui.commands.context import CommandContext
from vega_tui.commands.table import CommandTable
from vega_tui.core.errors import HostError
from vega_tui.core.ids import new_id
from vega_tui.core.words import InputMode
from vega_tui.protocol import operations as ops
from vega_tui.tui.face import Face
from vega_tui.tui.tasks import Tasks

_DRAFT_S: Final = 0.4


class Outbox:
    """Carries the prompt's text to the host, in the order it was written."""

    def __init__(self, face: Face, tasks: Tasks, table: CommandTable, ctx: CommandContext) -> None:
        self._face = face
        self._tasks = tasks
        self._table = table
        self._ctx = ctx
        self._waiting: list[tuple[str, InputMode, str]] = []  # with the id that makes a second sending the same
        self._sending = asyncio.Lock()
        self._draft_timer: asyncio.TimerHandle | None = None
        self._draft = ""

    @property
    def waiting(self) -> int:
        """How many texts are kept until there is a host."""
        return len(self._waiting)

    def say(self, text: str, mode: InputMode = InputMode.STEER) -> None:
        """Take a text that was entered: a command, or something to be said."""
        if text.startswith("/") and not text.startswith("//"):
            self._tasks.spawn(self._command(text), "command")
            return
        self._forget_draft()
        self._waiting.append((text, mode, new_id("i")))
        self._tasks.spawn(self.flush(), "send")

    async def flush(self) -> None:
        """Send what waits, as far as there is a host."""
        async with self._sending:
            while self._waiting and self._ctx.live and self._face.feed.session:
                text, mode, id = self._waiting[0]
                process, body = self._addressed(text)
                send = ops.Send(session=self._face.feed.session, text=body, process=process, mode=mode, id=id)
                try:
                    await self._face.feed.call(ops.SEND, send)
                except HostError:
                    return  # it is tried again when the host is back
                except Exception:
                    self._waiting.pop(0)
                    # Refused: it stands in the prompt again, before what was typed since.
                    self._ctx.prompt.set("\n".join(part for part in (text, self._ctx.prompt.text) if part))
                    raise
                self._waiting.pop(0)

    async def _command(self, line: str) -> None:
        command, args = self._table.parse_slash(line)
        await self._table.run(command, self._ctx, args)

    def _addressed(self, text: str) -> tuple[str, str]:
        """`@planner look here` goes to the planner; an address that is none stays text, as `@file` does."""
        shown = self._face.views.chat.process
        if not text.startswith("@"):
            return shown, text.removeprefix("/") if text.startswith("//") else text
        word, _, rest = text[1:].partition(" ")
        for row in self._face.fleet.order:
            if rest.strip() and word in (row.path, row.path.rpartition("/")[2]):
                return row.path, rest.strip()
        return shown, text

    def draft(self, text: str, save: Callable[[], bool]) -> None:
        """Keep what stands in the prompt, a moment after the last key; `save` says whether it may be kept."""
        self._draft = text
        if self._draft_timer is None and save():
            self._draft_timer = asyncio.get_running_loop().call_later(_DRAFT_S, self._keep)

    def _forget_draft(self) -> None:
        """What is sent now is no draft, also when this face is gone before the empty prompt is kept."""
        self._draft = ""
        if self._draft_timer is not None:
            self._draft_timer.cancel()
            self._draft_timer = None

    def _keep(self) -> None:
        self._draft_timer = None
        if self._ctx.live and self._face.feed.session:
            self._tasks.spawn(self._save(self._draft), "draft")

    async def _save(self, text: str) -> None:
        try:
            await self._face.feed.call(ops.DRAFT_SET, ops.DraftSet(session=self._face.feed.session, text=text))
        except HostError:
            pass  # the prompt still holds it

    async def close(self) -> None:
        """Save the last draft at once."""
        if self._draft_timer is not None:
            self._draft_timer.cancel()
            self._draft_timer = None
            if self._ctx.live and self._face.feed.session:
                await self._save(self._draft)
