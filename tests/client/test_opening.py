from vega_tui.client.opening import opening
from vega_tui.core.config import Config
from vega_tui.core.words import Mode

CONFIG = Config(model="m", mode=Mode.EDITS, budget_usd=2.0, max_turns=7, origins={"mode": "flag", "model": "default"})


def test_a_new_session_takes_all_settings() -> None:
    asked = opening(CONFIG, name="n", ephemeral=True)
    assert (asked.model, asked.mode, asked.budget_usd, asked.max_turns) == ("m", Mode.EDITS, 2.0, 7)
    assert (asked.name, asked.ephemeral) == ("n", True)


def test_a_session_that_goes_on_keeps_its_own_but_for_flags() -> None:
    for asked in (opening(CONFIG, session="s_1"), opening(CONFIG, latest=True)):
        assert (asked.model, asked.mode, asked.budget_usd, asked.max_turns) == ("", Mode.EDITS, None, None)
