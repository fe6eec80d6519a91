"""What a call has run up, as a law over any order of what can be received."""

from hypothesis import given
from hypothesis import strategies as st

from vega_tui.core.messages import Usage
from vega_tui.llm.prices import PRETEND
from vega_tui.llm.tab import Tab, tokens_at_most

PROMPT = Usage(input_tokens=100, cache_read_tokens=90_000, cache_write_tokens=500, output_tokens=1)


@given(st.text())
def test_no_text_has_more_tokens_than_bytes_nor_fewer_than_a_third_of_its_letters(text: str) -> None:
    assert len(text) / 3 <= tokens_at_most(text) <= len(text.encode(errors="replace"))


@given(
    pieces=st.lists(st.one_of(st.text(max_size=40), st.integers(1, 2000), st.just(None)), max_size=30),
    ends=st.sampled_from(["cut", "end", "both"]),
)
def test_a_tab_is_never_below_what_was_counted_plus_what_came_since(pieces: list[str | int | None], ends: str) -> None:
    tab, said, counted = Tab(PRETEND.cost), 0, PROMPT
    tab.hold(5.0, prompt_tokens=70_000, max_tokens=1_000_000)
    tab.counted(Usage())
    tab.counted(PROMPT)
    for piece in pieces:
        if isinstance(piece, str):
            tab.received(piece)
            said += len(piece) // 4
        elif piece is not None:
            tab.received_sealed(piece)
            said += piece // 4
        else:
            counted = Usage(100, counted.output_tokens + said, 90_000, 500)
            tab.counted(counted)
            said = 0
    if ends != "end":
        tab.cut()
    if ends != "cut":
        tab.counted(Usage())
        tab.end(PROMPT)
    true = Usage(100, counted.output_tokens + said, 90_000, 500)
    bill = {"cut": PRETEND.cost(true), "end": PRETEND.cost(PROMPT)}
    assert tab.cost_usd is not None
    assert tab.cost_usd >= (sum(bill.values()) if ends == "both" else bill[ends]) - 1e-9
    assert tab.usage.cache_read_tokens == 90_000 * (2 if ends == "both" else 1)


def test_an_attempt_costs_nothing_before_it_is_sent_and_its_hold_until_something_is_known() -> None:
    tab = Tab(PRETEND.cost)
    tab.hold(0.5, prompt_tokens=1000, max_tokens=1_000_000)
    assert tab.cut() == 0.0
    tab.counted(Usage())
    assert tab.cut(unbilled=True) == 0.0
    tab.counted(Usage())
    assert tab.cut() == 0.5
    assert (tab.cost_usd, tab.usage) == (0.5, Usage())


def test_a_server_that_tells_no_counts_is_taken_at_the_guess_and_what_it_said() -> None:
    tab = Tab(PRETEND.cost)
    tab.hold(0.5, prompt_tokens=1000, max_tokens=1_000_000)
    tab.counted(Usage())
    tab.received("abcd")
    tab.cut()
    assert tab.usage == Usage(input_tokens=1000, output_tokens=2)


def test_without_a_price_the_cost_is_unknown_and_stays_so() -> None:
    tab = Tab(lambda _: None)
    tab.hold(None, prompt_tokens=1000, max_tokens=1_000_000)
    tab.counted(Usage())
    assert tab.cut() is None
    tab.counted(Usage())
    tab.end(PROMPT)
    assert tab.cost_usd is None


def test_an_answer_has_no_more_tokens_than_it_was_allowed() -> None:
    tab = Tab(PRETEND.cost)
    tab.hold(0.5, prompt_tokens=1000, max_tokens=10)
    tab.counted(PROMPT)
    tab.received("彼らは静かだ" * 20)
    tab.cut()
    assert tab.usage.output_tokens == 10
