import msgspec

from tests.tui_app.scene import approval, edit_approval
from vega_tui.commands.builtins.decide import COMMANDS
from vega_tui.core.words import Decision
from vega_tui.protocol.operations import Decide
from vega_tui.tui.panes.card_state import DEAD_S, HOLD_S, Action, CardState, Typed, may_take_focus

NOW = 100.0
LIVE = NOW + DEAD_S


KEYS = {key.key: command.id for command in COMMANDS for key in command.parsed_keys() if key.context == "card"}


def card() -> CardState:
    return CardState(approval=approval(), changed=NOW)


def press(state: CardState, *keys: str, now: float = LIVE) -> tuple[CardState, Action]:
    """Press keys in a row, as fast as can be."""
    action: Action = None
    for key in keys:
        state, action = state.key(key, key if len(key) == 1 else None, now, KEYS.get(key, ""))
    return state, action


def settled(state: CardState, *keys: str, now: float = LIVE) -> tuple[CardState, Action]:
    """Press keys and keep still until what they mean is done."""
    state, action = press(state, *keys, now=now)
    assert action is None
    return state.due(now + HOLD_S + 0.001)


def step(key: str, state: CardState | None = None) -> CardState:
    """The second step that `key` opens, as it is when its Enter may be pressed."""
    state, action = settled(state or card(), key)
    assert action is None
    return state


ENTER = LIVE + HOLD_S + DEAD_S + 0.002


def test_a_card_takes_focus_only_on_an_empty_prompt_that_rested() -> None:
    assert may_take_focus(prompt_text="", since_key_s=0.8)
    assert not may_take_focus(prompt_text="", since_key_s=0.79)
    assert not may_take_focus(prompt_text="x", since_key_s=60.0)


def test_decision_keys_are_dead_for_half_a_second_after_the_card_appears() -> None:
    for key in "ysnfaeK":
        state, action = settled(card(), key, now=LIVE - 0.01)
        assert (state.step, state.armed, action) == ("choose", None, None)
    _, action = settled(card(), "y")
    assert action == Decide(approval="a_rm", decision=Decision.ONCE)


def test_a_letter_decides_only_when_nothing_followed_it() -> None:
    for key in "ysnfaeK":
        state, action = press(card(), key)
        assert (state.step, action) == ("choose", None)
        assert state.armed is not None
        assert state.due(LIVE + HOLD_S - 0.01) == (state, None)
        for after in ("escape", "backspace", "left", "tab", "f1"):
            back, action = press(state, after, now=LIVE + 0.1)
            assert back.armed is None
            assert action in (None, "pass")
            assert back.due(LIVE + 9) == (back, None)


def test_what_follows_a_letter_makes_it_text_and_takes_it_back() -> None:
    for key in "ysnfaeKzvx":
        state, action = press(card(), key, "o", now=LIVE)
        assert (state.armed, action) == (None, Typed(key + "o"))


def test_a_letter_that_is_no_key_is_text_at_once_with_what_came_before_it() -> None:
    assert press(card(), "p")[1] == Typed("p")
    assert press(card(), " ", now=NOW)[1] == Typed(" ")
    state, _ = press(card(), "s", now=NOW)
    state, _ = press(state, "a", now=NOW + 0.4)
    state, _ = press(state, "y", now=NOW + 0.8)
    assert press(state, " ", now=NOW + 1.2)[1] == Typed("say ")


def test_letters_of_a_slow_writer_keep_the_card_dead() -> None:
    state, _ = press(card(), "f", now=NOW)
    for after, key in enumerate("says", start=1):
        state, action = settled(state, key, now=NOW + after * 0.4)
        assert (state.step, action) == ("choose", None)
    _, action = settled(state, "y", now=NOW + 4 * 0.4 + DEAD_S)
    assert action == Decide(approval="a_rm", decision=Decision.ONCE)


def test_enter_and_a_pasted_line_feed_behind_a_letter_are_text() -> None:
    assert press(card(), "y", "enter")[1] == Typed("y")
    assert press(card(), "y", "ctrl+j")[1] == Typed("y")
    assert press(card(), "enter", "y")[1] == Typed("y")


def test_a_second_press_of_the_same_answer_is_not_a_second_answer() -> None:
    state, action = settled(card(), "y")
    assert action is not None
    assert settled(state, "y", now=LIVE + HOLD_S + 0.1)[1] is None


def test_they_are_dead_again_when_the_card_shows_another_question() -> None:
    armed, _ = press(card(), "y")
    other = armed.shown(edit_approval(), LIVE + 0.1)
    assert other.due(LIVE + 9)[1] is None
    _, action = settled(other, "y", now=LIVE + DEAD_S)
    assert action is None


def test_they_are_dead_again_when_the_question_that_is_shown_changes() -> None:
    changed = card().shown(approval(summary="rm -rf /"), LIVE + 1)
    for key in "ysnfaeK":
        state, action = settled(changed, key, now=LIVE + 1 + DEAD_S - 0.01)
        assert (state.step, state.armed, action) == ("choose", None, None)
    assert settled(changed, "y", now=LIVE + 1 + DEAD_S)[1] == Decide(approval="a_rm", decision=Decision.ONCE)


def test_a_question_that_changed_while_a_decision_waited_is_not_decided() -> None:
    armed, _ = press(card(), "y")
    changed = armed.shown(approval(summary="rm -rf /"), LIVE + 0.1)
    assert changed.due(LIVE + 9)[1] is None


def test_leaving_and_moving_on_work_at_once() -> None:
    assert press(card(), "escape", now=NOW)[1] == "leave"
    assert press(card(), "tab", now=NOW)[1] == "next"
    assert press(card(), "z", now=NOW)[1] == "later"


def test_each_decision_key_says_what_it_shows() -> None:
    wanted = {"y": Decision.ONCE, "s": Decision.SESSION, "n": Decision.DENY, "K": Decision.DENY_STOP}
    for key, decision in wanted.items():
        _, action = settled(card(), key)
        assert isinstance(action, Decide)
        assert action.decision is decision


def test_keys_mean_what_the_keymap_says() -> None:
    state, action = card().key("u", "u", LIVE, "approval.once")
    assert state.due(LIVE + HOLD_S + 0.001)[1] == Decide(approval="a_rm", decision=Decision.ONCE)
    assert card().key("y", "y", LIVE, "")[1] == Typed("y")
    state, action = card().key("f8", None, LIVE, "approval.deny")
    assert action is None
    assert state.due(LIVE + HOLD_S + 0.001)[1] == Decide(approval="a_rm", decision=Decision.DENY)
    assert card().key("g", "g", LIVE, "of.a_plugin")[1] == "pass"


def test_always_writes_nothing_before_enter_on_its_second_step() -> None:
    state = step("a")
    assert state.step == "always"
    _, action = settled(state, "enter", now=ENTER - 0.02)
    assert action is None
    _, action = settled(state, "tab", "right", "enter", now=ENTER)
    assert action == Decide(approval="a_rm", decision=Decision.ALWAYS, rule="Bash(rm -rf build)", scope="project")


def test_escape_on_the_second_step_goes_back_and_writes_nothing() -> None:
    state, action = press(step("a"), "escape", now=ENTER)
    assert (state.step, action) == ("choose", None)


def test_a_call_no_rule_can_cover_has_no_always() -> None:
    state, action = settled(CardState(approval=approval(rule=""), changed=NOW), "a")
    assert (state.step, action) == ("choose", None)


def test_the_rule_that_is_written_is_the_one_that_stands_there() -> None:
    state, _ = press(step("a"), "backspace", "*", ")", now=ENTER)
    _, action = settled(state, "enter", now=ENTER + 0.1)
    assert isinstance(action, Decide)
    assert action.rule == "Bash(rm -rf build*)"


def test_a_denial_carries_what_was_said() -> None:
    state, _ = press(step("f"), *"no way", now=ENTER)
    _, action = settled(state, "enter", now=ENTER + 0.1)
    assert action == Decide(approval="a_rm", decision=Decision.DENY, feedback="no way")


def test_enter_on_a_second_step_can_be_taken_back_and_does_nothing_in_a_burst() -> None:
    state, _ = press(step("f"), *"no way", now=ENTER)
    burst, action = settled(state, "enter", now=ENTER + 0.04)
    assert (burst.step, action) == ("feedback", None)
    armed, _ = press(state, "enter", now=ENTER + 0.1)
    back, action = press(armed, "enter", now=ENTER + 0.2)
    assert back.due(ENTER + 9)[1] is None
    more, _ = press(armed, "!", now=ENTER + 0.2)
    assert (more.due(ENTER + 9)[1], more.line.text) == (None, "no way!")


def test_edited_arguments_go_with_a_yes_and_only_with_a_yes() -> None:
    state, _ = press(step("e"), "ctrl+u", *"make dist", now=ENTER)
    state, action = press(state, "enter", now=ENTER)
    assert (state.step, action, state.args) == ("choose", None, {"command": "make dist"})
    later = ENTER + DEAD_S
    assert settled(state, "y", now=ENTER + 0.1)[1] is None
    for key, yes in (("y", Decision.ONCE), ("s", Decision.SESSION)):
        assert settled(state, key, now=later)[1] == Decide(approval="a_rm", decision=yes, args={"command": "make dist"})
    for key, no in (("n", Decision.DENY), ("K", Decision.DENY_STOP)):
        assert settled(state, key, now=later)[1] == Decide(approval="a_rm", decision=no)


def test_edited_arguments_go_with_a_yes_that_becomes_a_rule() -> None:
    state, _ = press(step("e"), "ctrl+u", *"make dist", "enter", now=ENTER)
    ruling, _ = settled(state, "a", now=ENTER + DEAD_S)
    _, action = settled(ruling, "enter", now=ENTER + 9)
    assert isinstance(action, Decide)
    assert (action.decision, action.args) == (Decision.ALWAYS, {"command": "make dist"})


def test_they_are_dead_again_when_edited_arguments_stand_there_however_long_the_editing_took() -> None:
    editing, _ = press(step("e"), "ctrl+u", *"make dist", now=ENTER)
    state, _ = press(editing, "enter", now=ENTER + 60)
    assert settled(state, "y", now=ENTER + 60 + DEAD_S - 0.01)[1] is None
    assert settled(state, "y", now=ENTER + 60 + DEAD_S)[1] is not None


def test_arguments_that_are_no_json_object_are_refused_in_place() -> None:
    state = step("e", CardState(approval=edit_approval(), changed=NOW))
    state, _ = press(state, "ctrl+u", "[", "enter", now=ENTER)
    assert state.step == "edit"
    assert "JSON" in state.complaint


def test_a_paste_decides_nothing_and_is_the_prompts_or_the_lines() -> None:
    assert card().paste("y\nn", LIVE)[1] == Typed("y\nn")
    armed, _ = press(card(), "y")
    state, action = armed.paste(" es", LIVE)
    assert (state.armed, action) == (None, Typed("y es"))
    state, action = step("f").paste("because\ny", ENTER)
    assert (state.line.text, action) == ("because y", None)


def test_letters_in_a_text_step_are_text() -> None:
    state, action = press(step("f"), "y", "n", "K", now=ENTER)
    assert (state.line.text, action) == ("ynK", None)


def wide_card() -> CardState:
    asked = msgspec.structs.replace(approval(), rule="bash(git status -s)", wider="bash(git status *)")
    return CardState(approval=asked, changed=NOW)


def test_always_offers_what_ran_and_the_wider_rule_only_when_it_is_chosen() -> None:
    state = step("a", wide_card())
    assert (state.line.text, state.wide) == ("bash(git status -s)", False)
    chosen, _ = press(state, "tab", "right", now=ENTER)
    assert (chosen.line.text, chosen.wide) == ("bash(git status *)", True)
    back, _ = press(chosen, "left", now=ENTER)
    assert back.line.text == "bash(git status -s)"
    _, action = settled(chosen, "enter", now=ENTER + DEAD_S)
    assert isinstance(action, Decide)
    assert (action.decision, action.rule) == (Decision.ALWAYS, "bash(git status *)")


def test_tab_goes_round_rule_width_and_scope_and_past_a_width_that_is_not_offered() -> None:
    state = step("a", wide_card())
    places: list[str] = []
    for _ in range(3):
        state, _ = press(state, "tab", now=ENTER)
        places.append(state.place)
    assert places == ["covers", "scope", "rule"]
    narrow, _ = press(step("a"), "tab", now=ENTER)
    assert narrow.place == "scope"
