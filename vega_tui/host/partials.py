"""Keeps answers that are being said, so that a host that is killed has lost at most the last second of them."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from vega_tui.core.errors import StorageError
from vega_tui.host.board import Board
from vega_tui.sessions.rows import PartialRow
from vega_tui.sessions.store import Store

_EVERY_S: Final = 1.0
log: Final = logging.getLogger(__name__)


class PartialKeeper:
    """`touch()` says that something was said; `run()` is its one task."""

    def __init__(self, store: Store, boards: Mapping[str, Board]) -> None:
        self._store = store
        self._boards = boards
        self._said = asyncio.Event()
        self._kept: list[PartialRow] = []

    def touch(self) -> None:
        """Something was said, or an answer was stored whole."""
        self._said.set()

    async def run(self) -> None:
        """Keep what is being said, at most once a second, until cancelled."""
        while True:
            await self._said.wait()
            await asyncio.sleep(_EVERY_S)
            self._said.clear()
            await self._keep()

    async def _keep(self) -> None:
        now = [
            PartialRow(session=session, process=open_text.process, run=open_text.run, turn=open_text.turn, text=said)
            for session, board in self._boards.items()
            for open_text in board.open_texts()
            if (said := open_text.text)
        ]
        if now == self._kept:
            return
        try:
            await self._store.keep_partials(now)
        except StorageError as error:  # the bus tells of the trouble; the answers themselves are not lost by this
            log.warning("partial answers are not kept: %s", error)
        else:
            self._kept = now
