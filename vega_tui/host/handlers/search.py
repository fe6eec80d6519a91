"""Finding what was said, in all sessions."""

from typing import Any

from vega_tui.host.connections import Client, Handler
from vega_tui.host.handlers.context import HostContext
from vega_tui.protocol import operations as op
from vega_tui.sessions import rows as stored


def handlers(host: HostContext) -> list[tuple[op.Operation[Any, Any], Handler]]:  # Any: see connections.Handler
    """This file's part of the table."""
    store = host.services.store

    async def search(_: Client, wanted: op.Search) -> op.Hits:
        """SESSION_SEARCH."""
        return op.Hits(hits=tuple(_hit(found) for found in await store.search(wanted.text, wanted.limit)))

    return [(op.SESSION_SEARCH, search)]


def _hit(found: stored.SearchHit) -> op.Hit:
    return op.Hit(
        session=found.session,
        session_name=found.session_name,
        process=found.process,
        entry=found.entry,
        kind=found.kind,
        ts=found.ts,
        snippet=found.snippet.replace(stored.MATCH_START, "").replace(stored.MATCH_END, ""),
    )
