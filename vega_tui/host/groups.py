"""One session's groups and their boards, by path: the runtime's own, told as events and brought back from the store."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping

import msgspec

from vega_tui.core import events as ev
from vega_tui.core.errors import UserError, VegaError
from vega_tui.core.ports import Bus
from vega_tui.host.posts import Post
from vega_tui.runtime import Board, Exited, Groups, Joined, Left, Note, Pid, RuntimeEvent, Started, System

_MAX_VALUE_BYTES = 1_000_000


class SharedBoard:
    """A group's board: JSON values with versions, each write an event. VersionConflict as in runtime/board.py."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def set(self, key: str, value: object, *, by: str = "you", expected: int | None = None) -> Note:
        """Write a value. `expected`: the version that was seen, 0 for none.

        Raises VersionConflict, or UserError for what JSON can't hold.
        """
        try:
            encoded = msgspec.json.encode(value)
        except (TypeError, ValueError, msgspec.MsgspecError) as error:
            raise UserError(f"{key}: a board holds JSON only ({error})") from error
        if len(encoded) > _MAX_VALUE_BYTES:
            raise UserError(f"{key}: a value may have {_MAX_VALUE_BYTES:,} bytes; put more into a file")
        return self._board.set(key, msgspec.json.decode(encoded), writer=by, expected=expected)

    def delete(self, key: str, *, by: str = "you", expected: int | None = None) -> bool:
        """Remove a value; False if there was none."""
        return self._board.delete(key, writer=by, expected=expected)

    def get(self, key: str) -> Note | None:
        """The newest note of a key: value, version, writer, time."""
        return self._board.get(key)

    def keys(self) -> list[str]:
        """All keys with a value, in order of their first write."""
        return self._board.keys()

    def snapshot(self) -> dict[str, object]:
        """All values now."""
        return self._board.snapshot()

    async def changes(self) -> AsyncGenerator[Note, None]:
        """Each note from now on, deletions too, until the reader leaves."""
        notes: asyncio.Queue[Note] = asyncio.Queue()
        stop = self._board.watch(notes.put_nowait)
        try:
            while True:
                yield await notes.get()
        finally:
            stop()


class SessionGroups:
    """Who of a session is in which group. A member that ends is away, and is in again when its post is filled."""

    def __init__(self, session: str, bus: Bus, system: System, posts: Mapping[str, Post]) -> None:
        self._session = session
        self._bus = bus
        self._system = system
        self._posts = posts
        self._paths: dict[Pid, str] = {}
        self._away: dict[str, dict[str, None]] = {}
        self._boards: dict[str, SharedBoard] = {}
        self._groups = Groups(system, self._on_change)
        self._stop_watching = system.add_listener(self._on_event)

    def close(self) -> None:
        """Stop following the runtime."""
        self._groups.close()
        self._stop_watching()

    def restore(self, members: Iterable[tuple[str, str]], notes: Iterable[tuple[str, Note]]) -> None:
        """Take over what the store has: memberships of processes yet to be started, and every board's notes."""
        for group, path in members:
            self._away.setdefault(path, {})[group] = None
        by_board: dict[str, list[Note]] = {}
        for group, note in notes:
            by_board.setdefault(group, []).append(note)
        for group, kept in by_board.items():
            self._groups.board(group).load(kept)
            self.board(group)

    def join(self, group: str, path: str, *, create: bool = True) -> bool:
        """Let a living process join; False if it was in. Raises UserError when it is down, GroupNotFound."""
        if not group.strip():
            raise UserError("a group needs a name")
        post = self._posts[path]
        if post.pid is None:
            raise UserError(f"{path} is not running and can't join {group}")
        self._paths[post.pid] = path
        if create:
            self.board(group)
        return self._groups.join(group, post.pid, create=create)

    def leave(self, group: str, path: str) -> bool:
        """Let a process leave for good; False if it was not in. Raises GroupNotFound."""
        pid = self._posts[path].pid
        away = self._away.get(path, {})
        if pid is None and group in away:
            del away[group]
            self._bus.publish(ev.GroupLeft(session=self._session, process=path, group=group))
            return True
        self._groups.members(group)
        return pid is not None and self._groups.leave(group, pid)

    def members(self, group: str) -> list[str]:
        """The paths of those who are in and alive, first joined first. Raises GroupNotFound."""
        return [self._paths[member.pid] for member in self._groups.members(group)]

    def of(self, path: str) -> list[str]:
        """The groups of a process; those it will be in again while it is down."""
        pid = self._posts[path].pid
        return list(self._away.get(path, ())) if pid is None else self._groups.groups_of(pid)

    def names(self) -> list[str]:
        """All groups."""
        return self._groups.names()

    def board(self, group: str) -> SharedBoard:
        """The group's board; makes the group if there is none."""
        if group not in self._boards:
            own = self._groups.board(group)
            own.watch(lambda note: self._tell(group, note))
            self._boards[group] = SharedBoard(own)
        return self._boards[group]

    def delete(self, group: str) -> None:
        """Drop an empty group and its board. Raises GroupNotFound, GroupNotEmpty."""
        self._groups.delete(group)
        self._boards.pop(group, None)
        for away in self._away.values():
            away.pop(group, None)
        self._bus.publish(ev.GroupDeleted(session=self._session, group=group))

    async def broadcast(
        self, group: str, ask: Callable[[str], Awaitable[str]], timeout_s: float | None
    ) -> dict[str, str | VegaError]:
        """Ask every member at once; each one's answer, or what it failed with. Raises GroupNotFound."""
        results: dict[str, str | VegaError] = {}

        async def one(path: str) -> None:
            try:
                async with asyncio.timeout(timeout_s):
                    results[path] = await ask(path)
            except VegaError as error:
                results[path] = error
            except TimeoutError:
                results[path] = VegaError(f"{path}: no answer within {timeout_s:g} s")

        members = self.members(group)
        async with asyncio.TaskGroup() as tasks:
            for path in members:
                tasks.create_task(one(path))
        return {path: results[path] for path in members}

    def _on_event(self, event: RuntimeEvent) -> None:
        post = event.label
        if not isinstance(post, Post) or post.session != self._session or not post.visible:
            return
        if isinstance(event, Started):
            self._paths[event.pid] = post.path
            for group in self._away.pop(post.path, {}):
                self.join(group, post.path)
        elif isinstance(event, Exited):
            self._paths.pop(event.pid, None)

    def _on_change(self, change: Joined | Left) -> None:
        if isinstance(change, Joined):
            path = self._paths[change.pid]
            self._bus.publish(ev.GroupJoined(session=self._session, process=path, group=change.group))
            return
        path = self._paths[change.pid]
        ended = not self._system.is_alive(change.pid)
        if ended:
            self._away.setdefault(path, {})[change.group] = None
        self._bus.publish(ev.GroupLeft(session=self._session, process=path, group=change.group, ended=ended))
        if ended and self._posts[path].pid is not None:
            # A killed supervisor's child, outlived by the one that replaced it.
            del self._away[path][change.group]
            self.join(change.group, path)

    def _tell(self, group: str, note: Note) -> None:
        self._bus.publish(
            ev.BoardWritten(
                session=self._session,
                board=group,
                key=note.key,
                value=note.value,
                revision=note.version,
                by=note.writer,
                deleted=note.deleted,
            )
        )
