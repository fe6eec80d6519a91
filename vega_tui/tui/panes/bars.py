"""The one-row parts: header, tabs, alert strip, chat title, ASK strip, the prompt's rule, queue, footer."""

from collections.abc import Callable, Sequence

from textual import events
from textual.message import Message

from vega_tui.client import format as fmt
from vega_tui.client.feed import FeedState
from vega_tui.core import clock
from vega_tui.tui.face import Face
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.paint.meters import title_rule
from vega_tui.tui.panes.header_paint import HeaderFacts, footer_line, header_line, rule_line, tabs_line
from vega_tui.tui.panes.pane import Pane
from vega_tui.tui.panes.rows_paint import alert_strip, ask_strip, lost_strip, queue_line

Hints = Callable[[], Sequence[tuple[str, str]]]


class Header(Pane):
    """Which session, its mode, who needs you, how full and how dear."""

    ground = "panel"
    fades = False

    def __init__(self, face: Face) -> None:
        super().__init__(face, "header")

    def paint(self, width: int, height: int) -> list[Line]:
        return [header_line(self.facts(), width, self.look.signs)]

    def facts(self) -> HeaderFacts:
        """What the views say."""
        views, header, budget = self.face.views, self.face.views.header, self.face.views.budget
        row = header.session
        percent = header.context_percent
        return HeaderFacts(
            session=header.name or ("starting" if self.face.feed.state is FeedState.OPENING else "new session"),
            branch=header.branch,
            mode=header.mode,
            simulated=bool(row and row.simulated),
            read_only=header.read_only,
            asks=len(views.inbox),
            context=None if percent is None else percent / 100,
            spent=budget.spent_usd,
            unpriced=budget.unpriced,
            held=budget.held_usd,
            cap=budget.cap_usd or 0.0,
            per_minute=budget.burn_per_minute(self.face.wall()),
            lost=self._lost(),
            counts=views.fleet.counts,
        )

    def _lost(self) -> str:
        outage = self.face.feed.outage
        if not self.face.lost or outage is None:
            return ""
        old = clock.monotonic() - outage.began
        return f"as of {fmt.clock(self.face.wall() - old, exact=True)}  {fmt.duration(old)} old"


class Tabs(Pane):
    """The panes by number, on a narrow screen; while there is no host, that."""

    fades = False

    class Picked(Message):
        """A click on a tab."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, face: Face) -> None:
        super().__init__(face, "tabs")

    def paint(self, width: int, height: int) -> list[Line]:
        views = self.face.views
        if self.face.lost:
            self.ground = "fail_tint"
            return [lost_strip(width, "The host stopped answering. Starting it again.", signs=self.look.signs)]
        self.ground = ""
        return [tabs_line(self.face.tab, width, asks=len(views.inbox), alerts=len(views.alerts), signs=self.look.signs)]

    def on_click(self, event: events.Click) -> None:
        text = "".join(span[0] for span in self.paint(self.size.width, 1)[0])
        numbers = [int(sign) for sign in text[: event.x + 1] if sign.isdigit()]
        if numbers:
            self.post_message(self.Picked(min(7, len(numbers)) - 1))


class AlertStrip(Pane):
    """The newest alert, or what became of the host."""

    ground = "surface"
    fades = False

    def __init__(self, face: Face) -> None:
        super().__init__(face, "alert_strip")

    def paint(self, width: int, height: int) -> list[Line]:
        feed = self.face.feed
        if feed.state is FeedState.FAILED and feed.outage:
            self.ground = "fail_tint"
            return [
                lost_strip(width, f"It did not start: {feed.outage.error}. vega-tui host logs", signs=self.look.signs)
            ]
        if self.face.lost:
            self.ground = "fail_tint"
            words = (
                "The host stopped answering. Starting it again. Nothing is lost; open calls come back as interrupted."
            )
            return [lost_strip(width, words, signs=self.look.signs)]
        self.ground = "surface"
        return [alert_strip(self.face.views.alerts.ordered, width, signs=self.look.signs)]


class ChatTitle(Pane):
    """Whose transcript it is, and why nothing is being written."""

    def __init__(self, face: Face, focused: Callable[[], bool]) -> None:
        super().__init__(face, "chat_title")
        self._focused = focused

    def paint(self, width: int, height: int) -> list[Line]:
        note = "" if self.face.views.chat.loaded else "loading"
        name = f"Chat {self.face.to}"
        return [title_rule(name, width, note=note, focused=self._focused(), signs=self.look.signs)]


class AskStrip(Pane):
    """The one line above the prompt that says who waits for you."""

    ground = "ask_tint"
    fades = False

    class Clicked(Message):
        """The person wants to decide."""

    def __init__(self, face: Face) -> None:
        super().__init__(face, "strip")

    def paint(self, width: int, height: int) -> list[Line]:
        signs = self.look.signs
        if self.face.lost:
            self.ground = "surface"
            feed = self.face.feed
            old = clock.monotonic() - feed.outage.began if feed.outage else 0.0
            text = f"reconnecting; what you see is {fmt.duration(old)} old; decisions wait"
            return [[("  ", ""), (f"{signs.wait} wait  ", "text"), (text, "text")]]
        self.ground = "ask_tint"
        approval = self.face.next_approval
        if approval is None:
            return []
        waiting = len(self.face.views.inbox)
        decides = not self.face.options.read_only
        return [ask_strip(approval, width, waiting=waiting, wall=self.face.wall(), signs=signs, decides=decides)]

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Clicked())


class PromptRule(Pane):
    """To whom the prompt talks, and what Enter does now."""

    fades = False

    def __init__(self, face: Face, focused: Callable[[], bool], drafted: Callable[[], bool]) -> None:
        super().__init__(face, "rule")
        self._focused = focused
        self._drafted = drafted

    def paint(self, width: int, height: int) -> list[Line]:
        focused = self._focused()
        note = self.face.note
        if not note and self.face.lost:
            note = "kept here, sent when the host is back"
        elif not note and not focused and self._drafted():
            note = "draft kept"
        hints = [("Enter", "send"), ("Shift+Enter", "newline"), ("@", "address"), ("/", "command")]
        if self.face.working:
            hints[:2] = [("Enter", "steer"), ("Alt+Enter", "after this turn")]
        if self.face.options.read_only:
            hints = hints[-1:]
        shown = hints if focused else []
        return [rule_line(self.face.to, width, focused=focused, hints=shown, note=note, signs=self.look.signs)]


class QueueRows(Pane):
    """Inputs that wait for the process shown."""

    fades = False

    def __init__(self, face: Face) -> None:
        super().__init__(face, "queue")

    def paint(self, width: int, height: int) -> list[Line]:
        rows = self.face.views.queue.waiting(self.face.views.chat.process)
        wall = self.face.wall()
        lines = [queue_line(row, width, wall=wall, signs=self.look.signs) for row in rows[:height]]
        if len(rows) > height:
            lines[-1] = [
                ("  ", ""),
                (self.look.signs.open, "edge"),
                (f" and {len(rows) - height + 1} more wait", "muted"),
            ]
        return lines


class Footer(Pane):
    """Keys that work now, here."""

    ground = "panel"
    fades = False

    def __init__(self, face: Face, hints: Hints) -> None:
        super().__init__(face, "footer")
        self._hints = hints

    def paint(self, width: int, height: int) -> list[Line]:
        pairs = list(self._hints())
        return [footer_line(pairs, [("^P", "palette")], width)]
