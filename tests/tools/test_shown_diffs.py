"""What a question shows of a change leaves the host, and is stored: without keys."""

import asyncio
from pathlib import Path

import pytest

from tests.tools.kit import Kit
from vega_tui.core.messages import JsonObject
from vega_tui.core.words import Decision, Mode

SECRET = "Tr0ub4dor&3-and-more"
KEY = "sk-ant-api03-abcdefghijk"


@pytest.mark.parametrize(
    ("tool", "args", "after"),
    [
        ("edit", {"path": "env", "old": "two", "new": "2"}, f"one\n{SECRET}\n2\n{KEY}\n"),
        ("write", {"path": "env", "content": "two\n"}, "two\n"),
    ],
)
async def test_a_diff_in_a_question_has_no_keys_and_the_change_is_what_it_was(
    tmp_path: Path, tool: str, args: JsonObject, after: str
) -> None:
    (tmp_path / "env").write_text(f"one\n{SECRET}\ntwo\n{KEY}\n")
    kit = Kit(tmp_path, mode=Mode.MANUAL, secrets=[SECRET])
    call = asyncio.create_task(kit.call(tool, **args))
    await kit.pending()
    (question,) = kit.queue.pending()
    assert "[redacted]" in question.diff
    assert "two" in question.diff
    assert not any(secret in str(event) for event in kit.bus.events for secret in (SECRET, KEY))
    kit.queue.decide(question.id, Decision.ONCE, "you")
    assert not (await call).error
    assert (tmp_path / "env").read_text() == after
