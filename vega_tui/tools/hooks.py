"""Code at two moments of a call: before it is judged and after it ran. May allow, deny, modify, or only watch."""

from dataclasses import dataclass
from typing import Literal, Protocol

from vega_tui.core.messages import JsonObject, Observation
from vega_tui.tools.context import ToolContext


@dataclass(frozen=True, slots=True)
class HookRuling:
    """What a hook says. `allow` only means that it has no objection: rules and people still decide."""

    verdict: Literal["allow", "deny", "modify"] = "allow"
    reason: str = ""
    args: JsonObject | None = None  # for modify: validated again


class Hook(Protocol):
    """Both moments; a hook that needs one of them lets the other pass."""

    name: str

    async def before(self, tool: str, args: JsonObject, ctx: ToolContext) -> HookRuling:
        """Before the policy sees the call."""
        ...

    async def after(self, tool: str, args: JsonObject, observation: Observation, ctx: ToolContext) -> Observation:
        """After it ran; what is given back replaces the observation."""
        ...
