"""The library's names, fetched on first use: `import vega_tui` itself loads nothing."""

from importlib import import_module

TYPE_CHECKING = False  # as typing has it: `python -m vega_tui` would import that from the current folder

if TYPE_CHECKING:
    from vega_tui.agent.blueprint import Agent
    from vega_tui.approvals.rules import parse_rule
    from vega_tui.core.errors import (
        BugError,
        HostError,
        LimitReached,
        NotCompleted,
        NotFound,
        OutOfTime,
        PolicyDenied,
        ProcessFailed,
        ProviderError,
        RunCancelled,
        SandboxViolation,
        StorageError,
        ToolError,
        UserError,
        VegaError,
        Verdict,
    )
    from vega_tui.core.version import __version__
    from vega_tui.core.words import Decision, Mode
    from vega_tui.library.handle import AgentProcess, Reply
    from vega_tui.library.options import AgentStart
    from vega_tui.library.orchestrator import Orchestrator
    from vega_tui.library.outcomes import Status
    from vega_tui.runtime import ChildSpec, Restart, Strategy, Supervision, SupervisorSpec, System
    from vega_tui.tools.tool import tool

__all__ = [
    "Agent",
    "AgentProcess",
    "AgentStart",
    "BugError",
    "ChildSpec",
    "Decision",
    "HostError",
    "LimitReached",
    "Mode",
    "NotCompleted",
    "NotFound",
    "Orchestrator",
    "OutOfTime",
    "PolicyDenied",
    "ProcessFailed",
    "ProviderError",
    "Reply",
    "Restart",
    "RunCancelled",
    "SandboxViolation",
    "Status",
    "StorageError",
    "Strategy",
    "Supervision",
    "SupervisorSpec",
    "System",
    "ToolError",
    "UserError",
    "VegaError",
    "Verdict",
    "__version__",
    "parse_rule",
    "tool",
]
_PLACES = {
    "__version__": "core.version",
    "BugError": "core.errors",
    "HostError": "core.errors",
    "LimitReached": "core.errors",
    "NotCompleted": "core.errors",
    "NotFound": "core.errors",
    "OutOfTime": "core.errors",
    "PolicyDenied": "core.errors",
    "ProcessFailed": "core.errors",
    "ProviderError": "core.errors",
    "RunCancelled": "core.errors",
    "SandboxViolation": "core.errors",
    "StorageError": "core.errors",
    "ToolError": "core.errors",
    "UserError": "core.errors",
    "Verdict": "core.errors",
    "VegaError": "core.errors",
    "Agent": "agent.blueprint",
    "AgentProcess": "library.handle",
    "AgentStart": "library.options",
    "Decision": "core.words",
    "Mode": "core.words",
    "Orchestrator": "library.orchestrator",
    "Reply": "library.handle",
    "Status": "library.outcomes",
    "parse_rule": "approvals.rules",
    "tool": "tools.tool",
}


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module(f"vega_tui.{_PLACES.get(name, 'runtime')}"), name)
    raise AttributeError(f"module 'vega_tui' has no attribute {name!r}")
