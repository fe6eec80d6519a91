"""On every random tree and course of events, our supervisors do what the model of OTP's does, step by step."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.virtual_loop import run_virtual
from tests.laws.otp_model import World
from tests.laws.run_ours import Ours
from tests.laws.scenarios import steps, tree
from vega_tui.runtime import System


async def same_course(seed: int, length: int) -> None:
    random = Random(seed)
    root = tree(random)
    world = World(root)
    async with System() as system:
        ours = Ours(system, root)
        assert await ours.start() == world.trace
        for step in steps(random, root, length):
            expected = world.step(step)
            assert (step, await ours.step(step)) == (step, expected)
            assert ours.running() == world.running()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_supervisors_do_what_the_model_of_otp_does(seed: int, length: int) -> None:
    run_virtual(same_course(seed, length))


@pytest.mark.nightly
@settings(max_examples=10_000, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 25))
def test_supervisors_do_what_the_model_of_otp_does_10000_times(seed: int, length: int) -> None:
    run_virtual(same_course(seed, length))
