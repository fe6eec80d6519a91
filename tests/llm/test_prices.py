import pytest

from vega_tui.core.messages import Usage
from vega_tui.llm.prices import OwnPrice, context_window, cost_usd, is_pretend

MILLION = 1_000_000


def test_a_listed_model_costs_what_its_parts_cost():
    model = "claude-sonnet-4-5"
    assert cost_usd(model, Usage(input_tokens=100_000)) == pytest.approx(0.3)
    assert cost_usd(model, Usage(output_tokens=100_000)) == pytest.approx(1.5)
    assert cost_usd(model, Usage(cache_read_tokens=100_000)) == pytest.approx(0.03)
    assert cost_usd(model, Usage(cache_write_tokens=100_000)) == pytest.approx(0.375)
    whole = Usage(10_000, 2_000, 50_000, 5_000)
    assert cost_usd(model, whole) == pytest.approx(0.03 + 0.03 + 0.015 + 0.01875)


def test_an_unknown_model_has_no_price_and_no_window():
    assert cost_usd("zork-9000", Usage(1, 1)) is None
    assert context_window("zork-9000") == 0


def test_a_persons_own_price_wins():
    own = {"claude-sonnet-4-5": OwnPrice(input=1, output=2), "local": OwnPrice(input=0, output=0)}
    assert cost_usd("claude-sonnet-4-5", Usage(MILLION, MILLION, MILLION), own) == 4.0
    assert cost_usd("local", Usage(MILLION, MILLION), own) == 0.0
    assert cost_usd("simulated", Usage(MILLION), own) == 3.0


def test_simulated_models_pretend_to_cost_something():
    assert is_pretend("simulated")
    assert is_pretend("simulated-small")
    assert not is_pretend("claude-sonnet-4-5")
    assert cost_usd("simulated", Usage(MILLION, MILLION, MILLION, MILLION)) == pytest.approx(22.05)
    assert context_window("simulated") == context_window("claude-sonnet-4-5") == 200_000


def test_no_tokens_cost_nothing():
    assert cost_usd("claude-sonnet-4-5", Usage()) == 0.0
