"""A tool or hook that exits the program, as argparse does, fails like any other: its host serves others too."""

import sys
from pathlib import Path

import pytest

from tests.tools.kit import Kit, made
from vega_tui.core.messages import JsonObject, Observation
from vega_tui.tools.context import ToolContext
from vega_tui.tools.hooks import HookRuling


class Quits:
    """A hook that exits the program before or after a call."""

    name = "quits"

    def __init__(self, when: str) -> None:
        self._when = when

    async def before(self, tool: str, args: JsonObject, ctx: ToolContext) -> HookRuling:
        if self._when == "before":
            sys.exit("no")
        return HookRuling()

    async def after(self, tool: str, args: JsonObject, observation: Observation, ctx: ToolContext) -> Observation:
        if self._when == "after":
            sys.exit("no")
        return observation


@pytest.mark.parametrize("end", [SystemExit("argparse said no"), SystemExit(2), KeyboardInterrupt()])
async def test_a_tool_that_exits_the_program_has_failed(tmp_path: Path, end: BaseException) -> None:
    async def quits() -> str:
        raise end

    async def works() -> str:
        return "done"

    kit = Kit(tmp_path, tools=[made("quits", quits), made("works", works)])
    result = await kit.batch(("quits", {}), ("works", {}))
    assert [one.observation.error for one in result.outcomes] == [True, False]
    assert result.outcomes[0].observation.text.startswith(f"quits failed: {type(end).__name__}")


@pytest.mark.parametrize(("when", "error", "says"), [("before", True, "Hook quits failed"), ("after", False, "done")])
async def test_a_hook_that_exits_the_program_has_failed(tmp_path: Path, when: str, error: bool, says: str) -> None:
    async def works() -> str:
        return "done"

    kit = Kit(tmp_path, tools=[made("works", works)], hooks=[Quits(when)])
    seen = await kit.call("works")
    assert (seen.error, says in seen.text) == (error, True)
