"""What people and processes have said to a process and it has not yet heard. Survives incarnations."""

from typing import Literal

from vega_tui.core import clock
from vega_tui.core.errors import NotFound
from vega_tui.core.events import InputDelivered, InputDropped, InputReceived
from vega_tui.core.ids import new_id
from vega_tui.core.ports import Bus
from vega_tui.core.words import InputMode
from vega_tui.protocol.rows import InputRow


class InputQueue:
    """Inputs of one process, in the order they came; each is an event before anyone acts on it."""

    def __init__(self, bus: Bus, *, session: str, process: str) -> None:
        self._bus = bus
        self._session = session
        self._process = process
        self._waiting: list[InputRow] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def restore(self, rows: list[InputRow]) -> None:
        """Take over what an earlier host had stored."""
        self._waiting = list(rows)

    def waiting(self) -> tuple[InputRow, ...]:
        """What waits, oldest first."""
        return tuple(self._waiting)

    def add(self, text: str, mode: InputMode, author: str) -> InputRow:
        """Store an input and let it be heard."""
        row = self.announce(text, mode, author)
        self.put(row)
        return row

    def announce(self, text: str, mode: InputMode, author: str, id: str = "") -> InputRow:
        """Tell of an input that is not to be heard yet: only `put`, once it is stored, lets it."""
        row = InputRow(
            id=id or new_id("i"),
            session=self._session,
            process=self._process,
            mode=mode,
            text=text,
            author=author,
            ts=clock.wall(),
        )
        self._bus.publish(
            InputReceived(
                session=self._session, process=self._process, input=row.id, mode=mode, text=text, author=author
            )
        )
        return row

    def put(self, row: InputRow) -> None:
        """Let an input be heard."""
        self._waiting.append(row)

    def drop(self, row: InputRow, reason: str) -> None:
        """An input that was announced is never to be heard."""
        self._bus.publish(InputDropped(session=self._session, process=self._process, input=row.id, reason=reason))

    def next(self) -> InputRow | None:
        """The oldest, to begin a run with. It waits on until it is `heard`."""
        return self._waiting[0] if self._waiting else None

    def steering(self) -> list[InputRow]:
        """All that are to join the run that is under way, oldest first. They wait on until they are `heard`."""
        return [row for row in self._waiting if row.mode is InputMode.STEER]

    def heard(self, row: InputRow, how: Literal["direct", "steered"]) -> None:
        """The input stands in the conversation: in one step with its entry, so that no crash comes between."""
        self._waiting.remove(row)
        self._bus.publish(InputDelivered(session=self._session, process=self._process, input=row.id, how=how))

    def withdraw(self, input_id: str) -> InputRow:
        """Take one back before it is heard. Raises NotFound when it was already."""
        for row in self._waiting:
            if row.id == input_id:
                self._waiting.remove(row)
                self.drop(row, "withdrawn by you")
                return row
        raise NotFound(f"input {input_id} no longer waits: it was delivered")
