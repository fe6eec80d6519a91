from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega_tui.core.errors import LimitReached
from vega_tui.llm.budget import Budget, Price, price_of

CHEAP = Price(input=3e-6, output=15e-6)


def test_a_call_holds_the_most_that_it_can_cost_until_it_is_settled() -> None:
    budget = Budget(cap_usd=1.0)
    allowed = budget.reserve("h", prompt_tokens=1000, max_tokens=1000, price=CHEAP, model="m")
    assert allowed.hold_usd == pytest.approx(0.018)
    assert budget.free_usd == pytest.approx(0.982)
    budget.settle("h", 0.004)
    assert (budget.held_usd, budget.spent_usd) == (0, 0.004)


def test_an_answer_is_shortened_to_what_is_left() -> None:
    budget = Budget(cap_usd=0.01)
    allowed = budget.reserve("h", prompt_tokens=1000, max_tokens=8000, price=CHEAP, model="m")
    assert allowed.max_tokens == 466
    assert allowed.hold_usd <= 0.01


def test_where_not_even_a_short_answer_fits_the_call_is_refused_with_what_to_do() -> None:
    budget = Budget(cap_usd=0.005, spent_usd=0.004)
    with pytest.raises(LimitReached, match=r"\$0\.0040 of \$0\.0050.*/budget raises it"):
        budget.reserve("h", prompt_tokens=1000, max_tokens=8000, price=CHEAP, model="m")
    assert budget.holds == {}


def test_a_cap_on_a_model_of_unknown_price_refuses_instead_of_guessing() -> None:
    with pytest.raises(LimitReached, match="price of m is unknown"):
        Budget(cap_usd=1.0).reserve("h", prompt_tokens=1, max_tokens=1, price=None, model="m")
    assert Budget().reserve("h", prompt_tokens=1, max_tokens=7, price=None, model="m").max_tokens == 7


def test_the_price_of_a_token_is_the_most_that_it_can_be() -> None:
    price = price_of("simulated")
    assert price is not None
    assert (price.input, price.output) == (pytest.approx(3.75e-6), pytest.approx(15e-6))  # newly cached costs more
    assert price_of("a-model-nobody-lists") is None


@dataclass
class Model:
    """What a cap must do, said plainly: whatever happens, spent and held together stay under it."""

    cap: float
    spent: float = 0.0
    open: dict[str, float] = field(default_factory=dict[str, float])


@given(
    cap=st.floats(0.001, 1.0),
    steps=st.lists(
        st.tuples(st.sampled_from("rs"), st.integers(0, 20_000), st.integers(1, 9_000), st.floats(0, 1)), max_size=40
    ),
)
def test_a_cap_is_never_passed_however_calls_overlap(cap: float, steps: list[tuple[str, int, int, float]]) -> None:
    budget, model = Budget(cap_usd=cap), Model(cap)
    for number, (kind, prompt, answer, share) in enumerate(steps):
        if kind == "r":
            try:
                allowed = budget.reserve(f"h{number}", prompt_tokens=prompt, max_tokens=answer, price=CHEAP, model="m")
            except LimitReached:
                continue
            assert 0 < allowed.max_tokens <= answer
            model.open[f"h{number}"] = allowed.hold_usd
        elif model.open:
            hold, held = model.open.popitem()
            budget.settle(hold, held * share)
            model.spent += held * share
        assert model.spent + sum(model.open.values()) <= cap + 1e-9
        assert budget.spent_usd == pytest.approx(model.spent)
        assert budget.held_usd == pytest.approx(sum(model.open.values()))
