"""Inputs that wait for their process, and the draft that was kept."""

from vega_tui.core import events as ev
from vega_tui.protocol.rows import InputRow, Snapshot, input_row


class QueueView:
    """Waiting inputs, in the order they came. `dirty` is taken and cleared by the pane."""

    def __init__(self) -> None:
        self.inputs: dict[str, InputRow] = {}
        self.draft = ""  # what stood in the prompt when the session was last left
        self.dirty = True

    def waiting(self, process: str) -> list[InputRow]:
        """Those for one process, oldest first."""
        return [row for row in self.inputs.values() if row.process == process]

    def load(self, snapshot: Snapshot) -> None:
        """Begin again from a snapshot."""
        self.inputs = {row.id: row for row in snapshot.inputs}
        self.draft = snapshot.draft
        self.dirty = True

    def apply(self, event: ev.AnyEvent) -> None:
        """Fold one event."""
        match event:
            case ev.InputReceived():
                self.inputs[event.input] = input_row(event)
            case ev.InputDelivered() | ev.InputDropped():
                if self.inputs.pop(event.input, None) is None:
                    return
            case _:
                return
        self.dirty = True
