"""Asks the host about the process that is looked at, again and again as what was told gets old."""

import asyncio
from typing import TYPE_CHECKING, Final

from vega_tui.core.errors import HostError, VegaError
from vega_tui.protocol import operations as ops
from vega_tui.protocol.operations import Entries

if TYPE_CHECKING:
    from vega_tui.tui.app import VegaApp

_PAGE: Final = 200
_REST_S: Final = 0.25  # between two times of asking


class DetailLoader:
    """One question at a time; told of every change by `look`."""

    def __init__(self, app: "VegaApp") -> None:
        self._app = app
        self._busy = False
        self._hurry = asyncio.Event()
        app.main.detail.acts = self

    def entered(self, path: str) -> None:
        """Enter on a process of the view."""
        self._app.tasks.spawn(self._app.ctx.enter(path), "open")

    def left(self) -> None:
        """Esc: to what was shown before."""
        face = self._app.face
        path = face.views.detail.path
        face.views.detail.back()
        self._app.main.fleet.choose(face.fleet.key(face.feed.session, path))
        self._app.main.show_detail()
        self.look()

    def look(self) -> None:
        """Ask if what is shown is old."""
        view = self._app.face.views.detail
        if self._busy and any(view.answer(path) is None for path in view.wanted):
            self._hurry.set()  # somebody waits for something to read
        if view.open and view.stale and not self._busy and self._app.live:
            self._busy = True
            self._app.tasks.spawn(self._ask_while_stale(), "describe")

    async def _ask_while_stale(self) -> None:
        try:
            while (view := self._app.face.views.detail).open and view.stale and self._app.live:
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
        face, view = self._app.face, self._app.face.views.detail
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
        self._app.main.poke()

    async def _page(self, session: str, process: str) -> Entries | None:
        row = self._app.face.fleet.row(process, session)
        if row is None or row.strategy:
            return None
        wanted = ops.EntriesPage(session=session, process=process, limit=_PAGE)
        return await self._app.face.feed.call(ops.ENTRIES_PAGE, wanted)
