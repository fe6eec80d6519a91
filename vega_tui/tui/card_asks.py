"""What a card asks of the app: the answer to the host, text to the prompt."""

from typing import TYPE_CHECKING

from vega_tui.protocol import operations as ops

if TYPE_CHECKING:
    from vega_tui.tui.app import VegaApp


class CardAsks:
    """Carries out what a card came to."""

    def __init__(self, app: "VegaApp") -> None:
        self._app = app

    def decide(self, answer: ops.Decide) -> None:
        """Tell the host."""
        self._app.tasks.spawn(self._app.face.feed.call(ops.APPROVAL_DECIDE, answer), "decide")

    def put_off(self, approval: str) -> None:
        """Put a question behind the others."""
        self._app.face.later.add(approval)

    def typed(self, text: str) -> None:
        """What was typed over the card is the prompt's."""
        self._app.main.focus_prompt()
        self._app.main.prompt.insert(text)
        self._app.say("typing goes to the prompt; F5 opens the question")
