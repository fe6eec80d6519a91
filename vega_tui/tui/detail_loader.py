"""Asks the host about the process that is looked at, again and again as what was told gets old."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from vega_tui.client.feed import FeedState
from vega_tui.core.errors import HostError, VegaError
from vega_tui.protocol import operations as ops
from vega_tui.protocol.operations import Entries
from vega_tui.tui.face import Face
from vega_tui.tui.screens.main import MainScreen
from vega_tui.tui.tasks import Tasks

_PAGE: Final = 200
_REST_S: Final = 0.25  # between two times of asking


class DetailLoader:
    """One question at a time; told of every change by `look`. `enter` opens the process that was chosen."""

    def __init__(self, face: Face, main: MainScreen, tasks: Tasks, enter: Callable[[str], Awaitable[None]]) -> None:
        self._face = face
        self._main = main
        self._tasks = tasks
        self._enter = enter
        self._busy = False
        self._hurry = asyncio.Event()
        main.detail.acts = self

    def entered(self, path: str) -> None:
        """Enter on a process of the view."""
        self._tasks.spawn(self._open(path), "open")

    async def _open(self, path: str) -> None:
        await self._enter(path)

    def left(self) -> None:
        """Esc: to what was shown before."""
        face = self._face
        path = face.views.detail.path
        face.views.detail.back()
        self._main.fleet.choose(face.fleet.key(face.feed.session, path))
        self._main.show_detail()
        self.look()

    @property
    def _live(self) -> bool:
        return self._face.feed.state is FeedState.LIVE

    def look(self) -> None:
        """Ask if what is shown is old."""
        view = self._face.views.detail
        if self._busy and any(view.answer(path) is None for path in view.wanted):
            self._hurry.set()  # somebody waits for something to read
        if view.open and view.stale and not self._busy and self._live:
            self._busy = True
            self._tasks.spawn(self._ask_while_stale(), "describe")

    async def _ask_while_stale(self) -> None:
        try:
            while (view := self._face.views.detail).open and view.stale and self._live:
                view.stale = False
                await self._ask()
                await self._rest()
        finally:
            self._busy = False

    async def _rest(self) -> None:
        self._hurry.clear()
        try:
            async with asyncio.timeout(_REST_S):
                await self._hurry.wait()
        except TimeoutError:
            pass

    async def _ask(self) -> None:
        face, view = self._face, self._face.views.detail
        session, wanted, chosen = face.feed.session, view.wanted, view.chosen
        try:
            answers = tuple(
                [
                    await face.feed.call(ops.PROCESS_DESCRIBE, ops.ProcessRef(session=session, process=path))
                    for path in wanted
                ]
            )
            page = await self._page(session, chosen)
        except HostError:
            return  # it is being started again; a new snapshot makes the view stale
        except VegaError as error:
            view.gone, view.dirty = str(error), True
        else:
            view.tell(answers, page if view.chosen == chosen else None, face.wall())
        self._main.poke()

    async def _page(self, session: str, process: str) -> Entries | None:
        row = self._face.fleet.row(process, session)
        if row is None or row.strategy:
            return None
        wanted = ops.EntriesPage(session=session, process=process, limit=_PAGE)
        return await self._face.feed.call(ops.ENTRIES_PAGE, wanted)
