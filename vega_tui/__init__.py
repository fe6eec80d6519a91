"""The library's names, fetched on first use: `import vega_tui` itself loads nothing."""

from importlib import import_module

TYPE_CHECKING = False  # as typing has it: `python -m vega_tui` would import that from the current folder

if TYPE_CHECKING:
    from vega_tui.agent.blueprint import Agent
    from vega_tui.approvals.rules import parse_rule
    from vega_tui.core.words import Decision, Mode
    from vega_tui.host.handle import AgentProcess, Reply
    from vega_tui.host.library import AgentStart
    from vega_tui.host.orchestrator import Orchestrator
    from vega_tui.host.outcomes import ProcessFailed, Status
    from vega_tui.runtime import ChildSpec, Restart, Strategy, Supervision, SupervisorSpec, System
    from vega_tui.tools.tool import tool

__version__ = "0.1.0"
__all__ = [
    "Agent",
    "AgentProcess",
    "AgentStart",
    "ChildSpec",
    "Decision",
    "Mode",
    "Orchestrator",
    "ProcessFailed",
    "Reply",
    "Restart",
    "Status",
    "Strategy",
    "Supervision",
    "SupervisorSpec",
    "System",
    "__version__",
    "parse_rule",
    "tool",
]
_PLACES = {
    "Agent": "agent.blueprint",
    "AgentProcess": "host.handle",
    "AgentStart": "host.library",
    "Decision": "core.words",
    "Mode": "core.words",
    "Orchestrator": "host.orchestrator",
    "ProcessFailed": "host.outcomes",
    "Reply": "host.handle",
    "Status": "host.outcomes",
    "parse_rule": "approvals.rules",
    "tool": "tools.tool",
}


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module(f"vega_tui.{_PLACES.get(name, 'runtime')}"), name)
    raise AttributeError(f"module 'vega_tui' has no attribute {name!r}")
