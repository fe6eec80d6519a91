"""The runtime's tests are sharp: each of these lines, once broken, is caught by the test that stands beside it."""

import inspect
import sys
import textwrap
from collections.abc import Callable

import pytest

from tests.runtime import test_restart_edges as restarts
from tests.runtime import test_shutdown_edges as ends
from tests.runtime.kit import BOOM
from vega_tui.runtime import KILL, KILLED, CallFailed
from vega_tui.runtime.children import Children
from vega_tui.runtime.ends import Ends
from vega_tui.runtime.kernel import Kernel

Broken = tuple[type, str, str, str, Callable[[], None]]


def reason_of(how: str) -> Callable[[], None]:
    body, signal, expected = {
        "error": (ends._raises_in_cleanup, KILL, KILLED),
        "normal": (ends._exits_in_cleanup, BOOM, BOOM),
    }[how]
    test = ends.test_the_reason_of_an_end_is_the_signals_unless_cleanup_failed_and_always_killed_for_a_kill
    return lambda: test(body, signal, expected)


COUNTED = """
    if any(other.state is not ChildState.STOPPED for other in others):
        return True
    due = [each for each in self._order if each.retry is not None]
"""
BROKEN: dict[str, Broken] = {
    "shutdown INFINITY is cut for a child that does not trap": (
        Ends, "_overdue", "elif kill_after_s != inf:", "elif True:\n        kill_after_s = 5.0",
        lambda: ends.test_shutdown_infinity_waits_for_code_that_does_not_trap(asked_before=False),
    ),
    "a child is shown as starting after a failed restart": (
        Children, "start", "child.state = ChildState.STOPPED\n", "pass\n",
        ends.test_a_failed_restart_leaves_no_child_shown_as_starting,
    ),
    "a start timeout kills the starter over the link": (
        Kernel, "await_init", "self.links_part(process)", "pass",
        ends.test_a_start_timeout_ends_the_child_and_not_its_starter,
    ),
    "an error in cleanup stands in place of killed": (
        Ends, "on_done", "_reason_of(process, task)", "as_reason(task.exception() or KILLED)", reason_of("error"),
    ),
    "exit(NORMAL) in cleanup stands in place of the signal's reason": (
        Ends, "on_done", "_reason_of(process, task)", "as_reason(task.exception() or KILLED)", reason_of("normal"),
    ),
    "a lingering process that dies in its init phase leaves its starter waiting": (
        Ends, "_bury", "if lingering and process.init is not None", "if False and process.init is not None",
        ends.test_a_process_that_is_declared_dead_in_its_init_phase_is_a_failed_start,
    ),
    "an old timer outlives a new signal": (
        Ends, "_condemn", "process.timer.cancel()", "pass",
        ends.test_an_earlier_grace_does_not_end_a_child_that_a_supervisor_gave_more_time,
    ),
    "a significant child in its backoff is not counted": (
        Children, "another_significant", COUNTED, COUNTED.replace("not ChildState.STOPPED", "ChildState.RUNNING")
        .replace("[each for each in self._order if each.retry is not None]", "[]"),
        restarts.test_a_significant_child_in_its_own_backoff_is_not_gone,
    ),
}  # fmt: skip


def break_line(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, line: str, broken: str) -> None:
    """Put the method in place with one piece of its source replaced."""
    source = textwrap.dedent(inspect.getsource(getattr(owner, name)))
    assert source.count(line) == 1, f"{owner.__name__}.{name} has changed: {line} is not in it once"
    names: dict[str, object] = dict(vars(sys.modules[owner.__module__]))
    exec(source.replace(line, broken), names)
    monkeypatch.setattr(owner, name, names[name])


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_line_is_caught(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    owner, name, line, broken, test = BROKEN[what]
    test()
    break_line(monkeypatch, owner, name, line, broken)
    with pytest.raises((AssertionError, CallFailed)):
        test()
