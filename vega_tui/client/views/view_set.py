"""All views of one face, loaded and folded together."""

from vega_tui.client.views.alerts import AlertsView
from vega_tui.client.views.budget import BudgetView
from vega_tui.client.views.chat import ChatView
from vega_tui.client.views.detail import DetailView
from vega_tui.client.views.fleet import FleetView
from vega_tui.client.views.header import HeaderView
from vega_tui.client.views.inbox import InboxView
from vega_tui.client.views.log import LogView
from vega_tui.client.views.queue import QueueView
from vega_tui.client.views.sessions import SessionsView
from vega_tui.core.events import AnyEvent
from vega_tui.protocol.rows import Snapshot


class ViewSet:
    """One of each. `chat` is replaced by a new view when another process is shown."""

    def __init__(self, session: str = "", read_only: bool = False) -> None:
        self.fleet = FleetView(session)
        self.chat = ChatView(session)
        self.inbox = InboxView()
        self.alerts = AlertsView()
        self.budget = BudgetView()
        self.log = LogView()
        self.header = HeaderView(read_only)
        self.queue = QueueView()
        self.sessions = SessionsView()
        self.detail = DetailView()

    def load(self, snapshot: Snapshot) -> None:
        """Begin again from a snapshot."""
        if snapshot.session is not None:
            self.fleet.session = snapshot.session.id
        self.fleet.load(snapshot)
        self.chat.load(snapshot)
        self.inbox.load(snapshot)
        self.alerts.load(snapshot)
        self.budget.load(snapshot)
        self.header.load(snapshot)
        self.queue.load(snapshot)
        self.log.load(snapshot)
        self.detail.load(snapshot)

    def apply(self, event: AnyEvent) -> None:
        """Fold one event into each."""
        self.fleet.apply(event)
        self.chat.apply(event)
        self.inbox.apply(event)
        self.alerts.apply(event)
        self.budget.apply(event)
        self.header.apply(event)
        self.queue.apply(event)
        self.log.apply(event)
        self.sessions.apply(event)
        self.detail.apply(event)
