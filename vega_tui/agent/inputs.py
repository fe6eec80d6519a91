"""What people and processes have said to a process and it has not yet heard. Survives incarnations."""

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
        """Store an input. It counts as heard only once it is taken."""
        row = InputRow(
            id=new_id("i"),
            session=self._session,
            process=self._process,
            mode=mode,
            text=text,
            author=author,
            ts=clock.wall(),
        )
        self._waiting.append(row)
        self._bus.publish(
            InputReceived(
                session=self._session, process=self._process, input=row.id, mode=mode, text=text, author=author
            )
        )
        return row

    def take_next(self) -> InputRow | None:
        """The oldest, to begin a run with."""
        return self._take(self._waiting[0], "direct") if self._waiting else None

    def take_steering(self) -> list[InputRow]:
        """All that is to join the run that is under way, oldest first."""
        return [self._take(row, "steered") for row in list(self._waiting) if row.mode is InputMode.STEER]

    def withdraw(self, input_id: str) -> InputRow:
        """Take one back before it is heard. Raises NotFound when it was already."""
        for row in self._waiting:
            if row.id == input_id:
                self._drop(row, "withdrawn by you")
                return row
        raise NotFound(f"input {input_id} no longer waits: it was delivered")

    def _take(self, row: InputRow, how: str) -> InputRow:
        self._waiting.remove(row)
        delivered = InputDelivered(
            session=self._session, process=self._process, input=row.id, how="steered" if how == "steered" else "direct"
        )
        self._bus.publish(delivered)
        return row

    def _drop(self, row: InputRow, reason: str) -> None:
        self._waiting.remove(row)
        self._bus.publish(InputDropped(session=self._session, process=self._process, input=row.id, reason=reason))
