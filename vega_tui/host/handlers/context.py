"""What handlers reach of the host."""

from collections.abc import Callable
from dataclasses import dataclass, field

from vega_tui.core import clock
from vega_tui.core.home import Home
from vega_tui.host.connections import Client
from vega_tui.host.directory import Directory
from vega_tui.host.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class HostContext:
    """The host as its handlers see it."""

    home: Home
    services: Services
    directory: Directory
    clients: set[Client]
    stop: Callable[[], None]
    started: float = field(default_factory=clock.wall)
