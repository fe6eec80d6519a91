"""A shared table of versioned values. Writers may say which version they saw; watchers hear of every change."""

from collections.abc import Callable, Iterable

import msgspec

from vega_tui.core import clock
from vega_tui.core.errors import UserError


class VersionConflict(UserError):
    """Somebody wrote since: read again and decide anew."""

    code = "version_conflict"

    def __init__(self, key: str, seen: int, now: int) -> None:
        super().__init__(f"{key!r} is at version {now}, not {seen}; read it again")
        self.key = key
        self.version = now


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One value as it was written. Versions count the writes of its key from 1, deletions too."""

    key: str
    value: object
    version: int
    writer: str
    at: float
    deleted: bool = False


class Board:
    """Keys and their newest notes. Values are the writers' own: pass plain data if the board is to be kept."""

    def __init__(self) -> None:
        self._notes: dict[str, Note] = {}
        self._watchers: list[Callable[[Note], object]] = []

    def set(self, key: str, value: object, *, writer: str, expected: int | None = None) -> Note:
        """Write a value. `expected`: the version that the writer saw, 0 for none.

        Raises: VersionConflict when the key is at another version by now.
        """
        return self._write(key, value, writer, expected, deleted=False)

    def delete(self, key: str, *, writer: str, expected: int | None = None) -> bool:
        """Remove a value; False if there was none. Raises: VersionConflict."""
        if self.get(key) is None:
            return False
        self._write(key, None, writer, expected, deleted=True)
        return True

    def get(self, key: str) -> Note | None:
        """The newest note of a key."""
        note = self._notes.get(key)
        return None if note is None or note.deleted else note

    def keys(self) -> list[str]:
        """All keys with a value, in order of their first write."""
        return [note.key for note in self._notes.values() if not note.deleted]

    def snapshot(self) -> dict[str, object]:
        """All values now; later writes do not change it."""
        return {note.key: note.value for note in self._notes.values() if not note.deleted}

    def notes(self) -> list[Note]:
        """Everything that is needed to bring the board back with load(), deletions included."""
        return list(self._notes.values())

    def load(self, notes: Iterable[Note]) -> None:
        """Put back what notes() gave, as it was; watchers do not hear of it."""
        self._notes.update((note.key, note) for note in notes)

    def watch(self, watcher: Callable[[Note], object]) -> Callable[[], None]:
        """Call `watcher` with each note from now on, deletions too; calling what is returned ends that."""
        self._watchers.append(watcher)

        def stop() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return stop

    def _write(self, key: str, value: object, writer: str, expected: int | None, *, deleted: bool) -> Note:
        known = self._notes.get(key)
        version = 0 if known is None else known.version
        # A deleted key looks like one that never was: 0 is a right guess for it.
        seen = 0 if known is None or known.deleted else version
        if expected is not None and expected not in (version, seen):
            raise VersionConflict(key, expected, version)
        note = Note(key=key, value=value, version=version + 1, writer=writer, at=clock.wall(), deleted=deleted)
        self._notes[key] = note
        for watcher in tuple(self._watchers):
            watcher(note)
        return note
