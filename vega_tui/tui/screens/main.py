"""The one screen: panes, prompt, panel. Decides who has the keys and when something is painted; panes paint."""

from collections.abc import Sequence
from typing import Final, Protocol

from textual import events
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.layout import Layout
from textual.screen import Screen
from textual.widget import Widget

from vega_tui.tui.face import Face
from vega_tui.tui.panes.alerts import AlertsPane
from vega_tui.tui.panes.bars import AlertStrip, AskStrip, ChatTitle, Footer, Header, PromptRule, QueueRows, Tabs
from vega_tui.tui.panes.budget import BudgetPane
from vega_tui.tui.panes.card import CardPanel
from vega_tui.tui.panes.chat import ChatPane
from vega_tui.tui.panes.detail import DetailPane
from vega_tui.tui.panes.first_run import first_lines
from vega_tui.tui.panes.fleet import FleetPane
from vega_tui.tui.panes.inbox import InboxPane
from vega_tui.tui.panes.log import LogPane
from vega_tui.tui.panes.pane import Pane
from vega_tui.tui.panes.panel import BottomPanel, Panel
from vega_tui.tui.panes.sessions import SessionsPane
from vega_tui.tui.screens.layout import RegionsLayout
from vega_tui.tui.screens.regions import PANES, Shape, regions
from vega_tui.tui.widgets.completions import Completions
from vega_tui.tui.widgets.painted import Pace, Painted
from vega_tui.tui.widgets.prompt import Completer, Prompt

CHAT_HZ: Final = 30.0
PANES_HZ: Final = 15.0
_READ_ONLY: Final = "Read-only: nothing is sent from here; / runs a command"


class Hints(Protocol):
    """Gives the footer of a place."""

    def __call__(self, place: str) -> Sequence[tuple[str, str]]:
        """Pairs of key and words."""
        ...


class MainScreen(Screen[None], inherit_bindings=False):
    """Everything a person sees. The app gives it keys' meaning by `hints`."""

    CSS = "MainScreen { layout: vertical; background: $background; overflow: hidden hidden; }"
    AUTO_FOCUS = "#prompt"

    def __init__(self, face: Face, hints: Hints, completer: Completer) -> None:
        super().__init__()
        self.face = face
        self._regions = RegionsLayout(self._place)
        self._shape = Shape(columns=80, rows=24)
        look = face.look
        self.header = Header(face)
        self.tabs = Tabs(face)
        self.alert_strip = AlertStrip(face)
        self.fleet = FleetPane(face, "fleet")
        self.chat = ChatPane(look)
        self.chat_title = ChatTitle(face, lambda: self.chat.has_focus)
        self.inbox = InboxPane(face)
        self.alerts = AlertsPane(face)
        self.log_pane = LogPane(face)
        self.budget = BudgetPane(face)
        self.sessions = SessionsPane(face)
        self.detail = DetailPane(face, "detail")
        self.strip = AskStrip(face)
        self.prompt = Prompt(look, placeholder="Message root", completer=completer, id="prompt")
        self.panel = BottomPanel(face, self._panel_left, self.relayout_if_needed, self.prompt.insert)
        self.rule = PromptRule(face, lambda: self.prompt.has_focus, lambda: bool(self.prompt.text))
        self.queue_rows = QueueRows(face)
        self.footer = Footer(face, lambda: hints(self.place_of_keys))
        self.completions = Completions(look, id="completions")
        self._chat_pace = Pace(self._flush_chat, CHAT_HZ)
        self._panes_pace = Pace(self._flush_panes, PANES_HZ)
        self._followed: object = None

    def compose(self) -> ComposeResult:
        yield from (self.header, self.tabs, self.alert_strip, self.fleet, self.chat_title, self.chat)
        yield from (self.inbox, self.alerts, self.log_pane, self.budget, self.sessions, self.detail)
        yield from (self.strip, self.panel, self.rule, self.queue_rows, self.prompt, self.footer, self.completions)

    def on_mount(self) -> None:
        self.prompt.focus()
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self.poke)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.poke)

    def on_unmount(self) -> None:
        self._chat_pace.stop()
        self._panes_pace.stop()

    # --- where things stand -----------------------------------------------------------------------------

    @property
    def layout(self) -> Layout:
        return self._regions

    def _place(self, size: Size) -> dict[str, Region]:
        self._shape = shape = self._wanted(size)
        placed = regions(shape)
        self.face.one_column, self.face.tiny = shape.one_column, shape.tiny
        if self.completions.display:
            prompt = placed["prompt"]
            width, height = self.completions.styles.width, self.completions.styles.height
            wide = int(width.value) if width else 40
            tall = int(height.value) if height else 1
            placed["completions"] = Region(prompt.x + 2, max(0, prompt.y - 1 - tall), wide, tall)
        return placed

    def _wanted(self, size: Size) -> Shape:
        columns, rows = size
        height = self.prompt.styles.height
        face = self.face
        fleet_width = columns if columns < 100 else 68 if columns >= 200 else 50
        return Shape(
            columns=columns,
            rows=rows,
            tab=face.tab,
            prompt_rows=int(height.value) if height else 1,
            queue_rows=len(face.views.queue.waiting(face.views.chat.process)),
            strip=bool(face.views.inbox.approvals) or face.lost,
            panel_rows=self.panel.wanted_rows(columns),
            # Past the screen's height one more row changes nothing, and must not lay everything out again.
            fleet_rows=min(rows, self.fleet.wanted_rows(max(4, (rows - 8) * 3 // 5), fleet_width)),
            budget_rows=self.budget.wanted_rows(),
            inbox_rows=self.inbox.wanted_rows(),
            alert_rows=self.alerts.wanted_rows(),
            detail=face.views.detail.open,
        )

    def relayout_if_needed(self) -> None:
        """Lay out again when a part wants another height."""
        if self._wanted(self.size) != self._shape:
            self.relayout()

    def relayout(self) -> None:
        """Lay out again at the next frame."""
        self.header.refresh(layout=True)  # of a child: a widget forgets the arrangement of its parents only
        self.call_after_refresh(self.poke)

    # --- painting ---------------------------------------------------------------------------------------

    def poke(self) -> None:
        """Something in the views changed: it is looked at when the next frame is due."""
        if self.is_attached:
            self._chat_pace.poke()
            self._panes_pace.poke()

    def _flush_chat(self) -> None:
        view = self.face.views.chat
        if view is not self._followed:
            self._followed = view
            self.chat.follow_view(view)
            self.chat_title.repaint()
            self.rule.repaint()
        if self.chat.region.width:
            self.chat.sync(self.face.wall())
        alive = not view.state.ended and not self.face.lost
        self.chat.set_alive(alive)
        self.prompt.invite(f"Message {self.face.to}", _READ_ONLY if self.face.options.read_only else "")

    def _flush_panes(self) -> None:
        views = self.face.views
        self.fleet.sync()
        self.log_pane.sync()
        for view, panes in (
            (views.inbox, (self.inbox, self.strip, self.header, self.tabs)),
            (views.alerts, (self.alerts, self.alert_strip, self.tabs)),
            (views.budget, (self.budget, self.header)),
            (views.header, (self.header,)),
            (views.queue, (self.queue_rows, self.rule)),
            (views.sessions, (self.sessions,)),
        ):
            if view.dirty:
                view.dirty = False
                for pane in panes:
                    pane.repaint()
                if view is views.inbox and isinstance(self.panel.panel, CardPanel):
                    self.panel.panel.sync()
        self.detail.sync()
        self._placeholder()
        self.rule.repaint()
        self.footer.repaint()
        self.relayout_if_needed()

    def _placeholder(self) -> None:
        view = self.face.views.chat
        if view.items:
            return
        if not view.loaded:
            self.chat.set_placeholder([[("  ", ""), ("Loading.", "muted")]])
            return
        row = self.face.views.header.session
        self.chat.set_placeholder(
            first_lines(
                self.chat.size.width,
                self.chat.size.height,
                simulated=bool(row and row.simulated),
                model=row.model if row else "",
                signs=self.face.look.signs,
            )
        )

    def _tick(self) -> None:
        """Ages and countdowns, all on one second."""
        for pane in (self.header, self.fleet, self.detail, self.strip, self.queue_rows, self.alert_strip):
            if pane.region.width:
                pane.repaint()
        if self.panel.panel is not None:
            self.panel.repaint()
        if self.inbox.region.width and self.face.views.inbox.approvals:
            self.inbox.repaint()
        self.chat.tick(self.face.wall())

    def repaint_all(self) -> None:
        """After the host was lost or came back, or the look changed."""
        for pane in self.query(Pane):
            pane.repaint()
        self.chat.refresh()
        self.relayout()

    def wear(self) -> None:
        """Give every widget the face's look."""
        for widget in self.query(Painted):
            widget.look = self.face.look
        self.repaint_all()

    # --- who has the keys -------------------------------------------------------------------------------

    @property
    def place_of_keys(self) -> str:
        """`prompt`, `panel`, `card`, or the id of a pane."""
        focused = self.focused
        if focused is self.panel:
            return "card" if isinstance(self.panel.panel, CardPanel) else "panel"
        return (focused.id or "prompt") if focused is not None else "prompt"

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._focus_changed()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._focus_changed()

    def _focus_changed(self) -> None:
        for pane in (self.rule, self.footer, self.chat_title, self.panel):
            pane.repaint()
        if isinstance(self.panel.panel, CardPanel) and self.focused is not self.panel:
            self.panel.shut()

    def _panel_left(self) -> None:
        (self.detail if self.face.views.detail.open else self.prompt).focus()

    def show_detail(self) -> None:
        """What the detail view looks at changed: show it and give it the keys, or go back to the fleet."""
        self.detail.opened()
        self.relayout()
        self.relayout_if_needed()
        if self.face.views.detail.open:
            self.call_after_refresh(self.detail.focus)
        elif self.focused is self.detail:
            self.show_pane("fleet")

    def open_panel(self, panel: Panel) -> None:
        """Show a panel and give it the keys."""
        self.panel.open(panel)
        self.panel.focus()

    def focus_prompt(self) -> None:
        """Give the keys to the prompt."""
        if self.panel.panel is not None:
            self.panel.shut()
        self._close_detail()
        self.prompt.focus()

    def _close_detail(self) -> None:
        if self.face.views.detail.open:
            self.face.views.detail.close()
            self.relayout()

    def show_pane(self, name: str) -> None:
        """Bring a pane to the front and give it the keys."""
        self._close_detail()
        if name in ("inbox", "alerts", "sessions") or self.face.one_column:
            self.face.tab = name
        elif self.face.tab in ("inbox", "alerts", "sessions"):
            self.face.tab = "fleet"
        self.relayout()
        self.tabs.repaint()
        pane = self._pane(name)
        if pane is not None:
            self.call_after_refresh(pane.focus)

    def next_pane(self, by: int) -> None:
        """Tab: the next pane that is shown, the prompt among them."""
        if self.face.views.detail.open:
            self.detail.next_half()
            return
        shown: list[Widget] = [pane for name in PANES if (pane := self._pane(name)) is not None and pane.region.width]
        shown.append(self.prompt)
        at = shown.index(self.focused) if self.focused in shown else len(shown) - 1
        shown[(at + by) % len(shown)].focus()

    def _pane(self, name: str) -> Widget | None:
        panes = {
            "fleet": self.fleet,
            "chat": self.chat,
            "inbox": self.inbox,
            "alerts": self.alerts,
            "log": self.log_pane,
            "budget": self.budget,
            "sessions": self.sessions,
        }
        return panes.get(name)

    def note(self, text: str) -> None:
        """A short word on the prompt's rule."""
        self.face.note = text
        self.rule.repaint()
        self.detail.repaint()
