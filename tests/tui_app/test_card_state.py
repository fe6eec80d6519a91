from tests.tui_app.scene import approval, edit_approval
from vega_tui.core.words import Decision
from vega_tui.protocol.operations import Decide
from vega_tui.tui.panes.card_state import BURST_S, DEAD_S, Action, CardState, may_take_focus

NOW = 100.0
LIVE = NOW + DEAD_S


def card() -> CardState:
    return CardState(approval=approval(), changed=NOW)


def press(state: CardState, *keys: str, now: float = LIVE) -> tuple[CardState, Action]:
    action: Action = None
    for key in keys:
        state, action = state.key(key, key if len(key) == 1 else None, now)
    return state, action


def test_a_card_takes_focus_only_on_an_empty_prompt_that_rested() -> None:
    assert may_take_focus(prompt_text="", since_key_s=0.8)
    assert not may_take_focus(prompt_text="", since_key_s=0.79)
    assert not may_take_focus(prompt_text="x", since_key_s=60.0)


def test_decision_keys_are_dead_for_half_a_second_after_the_card_appears() -> None:
    for key in "ysnfaeK":
        state, action = press(card(), key, now=LIVE - 0.01)
        assert (state.step, action) == ("choose", None)
    _, action = press(card(), "y")
    assert action == Decide(approval="a_rm", decision=Decision.ONCE)


def test_what_is_typed_on_after_a_key_that_came_too_early_decides_nothing() -> None:
    state, _ = press(card(), "f", now=LIVE - 0.01)  # and the reason is typed at once
    for after, key in enumerate("say why"):
        state, action = press(state, key, now=LIVE + after * 0.2)
        assert (state.step, action) == ("choose", None)
    _, action = press(state, "y", now=LIVE + 6 * 0.2 + BURST_S)
    assert action == Decide(approval="a_rm", decision=Decision.ONCE)


def test_a_second_press_of_the_same_answer_is_not_a_second_answer() -> None:
    state, action = press(card(), "y")
    assert action is not None
    assert press(state, "y", now=LIVE + 0.1)[1] is None


def test_they_are_dead_again_when_the_card_shows_another_question() -> None:
    other, _ = press(card().shown(edit_approval(), LIVE), "y", now=LIVE + 0.1)
    assert other.approval.id == "a_edit"
    _, action = press(other, "y", now=LIVE + 0.1)
    assert action is None


def test_leaving_and_moving_on_work_at_once() -> None:
    assert press(card(), "escape", now=NOW)[1] == "leave"
    assert press(card(), "tab", now=NOW)[1] == "next"
    assert press(card(), "z", now=NOW)[1] == "later"


def test_each_decision_key_says_what_it_shows() -> None:
    wanted = {"y": Decision.ONCE, "s": Decision.SESSION, "n": Decision.DENY, "K": Decision.DENY_STOP}
    for key, decision in wanted.items():
        _, action = press(card(), key)
        assert isinstance(action, Decide)
        assert action.decision is decision


def test_always_writes_nothing_before_enter_on_its_second_step() -> None:
    state, action = press(card(), "a")
    assert (state.step, action) == ("always", None)
    state, action = press(state, "enter", now=LIVE + 0.1)
    assert action is None
    _, action = press(state, "tab", "right", "enter", now=LIVE + DEAD_S)
    assert action == Decide(approval="a_rm", decision=Decision.ALWAYS, rule="Bash(rm -rf build)", scope="project")


def test_escape_on_the_second_step_goes_back_and_writes_nothing() -> None:
    state, action = press(card(), "a", "escape")
    assert (state.step, action) == ("choose", None)


def test_a_call_no_rule_can_cover_has_no_always() -> None:
    state, action = press(CardState(approval=approval(rule=""), changed=NOW), "a")
    assert (state.step, action) == ("choose", None)


def test_the_rule_that_is_written_is_the_one_that_stands_there() -> None:
    state, _ = press(card(), "a", "backspace", "*", ")")
    _, action = press(state, "enter", now=LIVE + DEAD_S)
    assert isinstance(action, Decide)
    assert action.rule == "Bash(rm -rf build*)"


def test_a_denial_carries_what_was_said() -> None:
    state, _ = press(card(), "f", *"no way")
    _, action = press(state, "enter")
    assert action == Decide(approval="a_rm", decision=Decision.DENY, feedback="no way")


def test_edited_arguments_go_with_a_yes_and_only_with_a_yes() -> None:
    state, _ = press(card(), "e", "ctrl+u", *"make dist")
    state, action = press(state, "enter")
    assert (state.step, action, state.args) == ("choose", None, {"command": "make dist"})
    later = LIVE + DEAD_S
    assert press(state, "y", now=LIVE + 0.1)[1] is None
    assert press(state, "y", now=later)[1] == Decide(
        approval="a_rm", decision=Decision.ONCE, args={"command": "make dist"}
    )
    assert press(state, "n", now=later)[1] == Decide(approval="a_rm", decision=Decision.DENY)


def test_arguments_that_are_no_json_object_are_refused_in_place() -> None:
    state, _ = press(CardState(approval=edit_approval(), changed=NOW), "e", "ctrl+u", "[", "enter")
    assert state.step == "edit"
    assert "JSON" in state.complaint


def test_a_paste_decides_nothing() -> None:
    assert card().paste("y\nn") == card()
    state, _ = press(card(), "f")
    assert state.paste("because\ny").line.text == "because y"


def test_letters_in_a_text_step_are_text() -> None:
    state, action = press(card(), "f", "y", "n", "K")
    assert (state.line.text, action) == ("ynK", None)
