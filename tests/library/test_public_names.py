import vega_tui
from vega_tui import runtime
from vega_tui.core import errors


def test_every_public_name_is_there() -> None:
    assert [name for name in vega_tui.__all__ if not hasattr(vega_tui, name)] == []


def test_every_error_of_the_tree_can_be_named_by_a_program() -> None:
    tree = {name for name, it in vars(errors).items() if isinstance(it, type) and issubclass(it, errors.VegaError)}
    assert tree - set(vega_tui.__all__) == set()


def test_every_error_that_a_program_can_name_is_in_the_one_tree() -> None:
    named = [getattr(place, name) for place in (vega_tui, runtime) for name in place.__all__]
    raised = [it for it in named if isinstance(it, type) and issubclass(it, Exception)]
    assert len(raised) > 20
    assert [it for it in raised if not issubclass(it, vega_tui.VegaError)] == []
