"""Opens the cards of questions, and carries out what they come to: the answer to the host, text to the prompt."""

from vega_tui.core.records import Approval
from vega_tui.protocol import operations as ops
from vega_tui.tui.face import Face
from vega_tui.tui.keys import Keys
from vega_tui.tui.notes import Notes
from vega_tui.tui.panes.card import CardPanel
from vega_tui.tui.screens.main import MainScreen
from vega_tui.tui.tasks import Tasks


class Cards:
    """The one card that is open, or none."""

    def __init__(self, face: Face, main: MainScreen, tasks: Tasks, keys: Keys, notes: Notes) -> None:
        self._face = face
        self._main = main
        self._tasks = tasks
        self._keys = keys
        self._notes = notes

    def open(self, approval: Approval) -> None:
        """Show the card of a question and give it the keys."""
        if not self._face.options.read_only:
            self._main.open_panel(CardPanel(self._face, approval, self._keys, self))

    @property
    def focused(self) -> CardPanel | None:
        """The card that has the keys."""
        panel = self._main.panel
        return panel.panel if panel.has_focus and isinstance(panel.panel, CardPanel) else None

    # --- what a card asks -------------------------------------------------------------------------------

    def decide(self, answer: ops.Decide) -> None:
        """Tell the host."""
        self._tasks.spawn(self._face.feed.call(ops.APPROVAL_DECIDE, answer), "decide")

    def put_off(self, approval: str) -> None:
        """Put a question behind the others."""
        self._face.later.add(approval)

    def typed(self, text: str) -> None:
        """What was typed over the card is the prompt's."""
        self._main.focus_prompt()
        self._main.prompt.insert(text)
        self._notes.say("typing goes to the prompt; F5 opens the question")
