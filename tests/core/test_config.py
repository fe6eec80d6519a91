import os
from pathlib import Path

import pytest

from vega_tui.core.config import DEFAULT_MODEL, Config, Value, load
from vega_tui.core.errors import UserError
from vega_tui.core.home import Home
from vega_tui.core.project import Standing, project_of, read_project, standing, trust
from vega_tui.core.words import Mode

KEY = {"ANTHROPIC_API_KEY": "k"}


class Place:
    """A home and a project of its own."""

    def __init__(self, tmp: Path) -> None:
        self.home = Home(tmp / "home")
        self.home.ensure()
        self.project = tmp / "work"
        (self.project / ".vega").mkdir(parents=True)

    def user(self, text: str) -> None:
        self.home.config.write_text(text)

    def shared(self, text: str) -> None:
        (self.project / ".vega" / "config.yaml").write_text(text)

    def trust(self) -> None:
        trust(self.home, read_project(self.project))

    @property
    def standing(self) -> Standing:
        return standing(Home(self.home.root), read_project(self.project))

    def load(self, env: dict[str, str] | None = None, flags: dict[str, Value] | None = None) -> Config:
        return load(self.home, self.project, env=KEY if env is None else env, flags=flags)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_with_nothing_set_everything_is_a_default(place: Place) -> None:
    found = place.load()
    assert (found.model, found.mode, found.max_turns) == (DEFAULT_MODEL, Mode.MANUAL, 200)
    assert set(found.origins.values()) == {"default"}


def test_without_a_key_the_simulated_model_answers(place: Place) -> None:
    assert place.load({}).model == "simulated"
    assert place.load({"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}).model == DEFAULT_MODEL
    assert place.load({"ANTHROPIC_AUTH_TOKEN": "t"}).model == DEFAULT_MODEL


def test_flags_beat_environment_beats_project_beats_user(place: Place) -> None:
    place.user("model: of-user\ntheme: light\nmax_turns: 3\nmode: edits\n")
    place.shared("model: of-project\ntheme: ansi\nmax_turns: 2\n")
    place.trust()
    found = place.load({**KEY, "VEGA_MODEL": "of-env", "VEGA_THEME": "high-contrast"}, {"model": "of-flag"})
    assert (found.model, found.theme, found.max_turns, found.mode) == ("of-flag", "high-contrast", 2, Mode.EDITS)
    assert found.origins["model"] == "flag"
    assert found.origins["theme"] == "env VEGA_THEME"
    assert found.origins["max_turns"] == f"{place.project}/.vega/config.yaml:3"
    assert found.origins["mode"] == f"{place.home.config}:4"


def test_a_flag_that_was_not_given_changes_nothing(place: Place) -> None:
    place.user("model: mine\n")
    assert place.load(flags={"model": "", "budget_usd": None}).model == "mine"


def test_a_project_nobody_trusts_is_not_read_and_is_named(place: Place) -> None:
    place.shared("mode: yolo\n")
    found = place.load()
    assert found.mode is Mode.MANUAL
    assert found.untrusted == place.project


def test_trust_is_of_one_folder_and_stays(place: Place, tmp_path: Path) -> None:
    place.shared("model: theirs\n")
    place.trust()
    place.trust()
    assert place.standing == "trusted"
    assert standing(place.home, read_project(tmp_path)) == "unknown"
    assert place.load().untrusted is None


def test_a_project_is_found_from_below_but_the_home_is_none(place: Place, tmp_path: Path) -> None:
    place.shared("model: theirs\n")
    below = place.project / "src" / "deep"
    below.mkdir(parents=True)
    assert project_of(below, place.home) == place.project
    person = tmp_path / "person"
    home = Home(person / ".vega")
    home.ensure()
    home.config.write_text("model: mine\n")
    assert project_of(person, home) is None


def test_an_unknown_setting_is_named_with_line_and_near_name(place: Place) -> None:
    place.user("# mine\ntheme: dark\nmodle: x\n")
    with pytest.raises(UserError, match=r"config\.yaml:3: 'modle' is no setting; did you mean 'model'\?"):
        place.load()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mode: manul\n", r":1: mode 'manul' did you mean 'manual'\?"),
        ("max_turns: 0\n", ":1: max_turns '0' must be a whole number"),
        ("budget_usd: -1\n", "must be dollars"),
        ("budget_usd: true\n", "must be dollars"),
        ("model: [a]\n", "must be a word"),
        ("base_url: example.org\n", "must begin with http"),
        ("prices: {m: 3}\n", "must map a model"),
        ("prices: {m: {in: 3}}\n", "must map a model"),
        ("theme: dark\ntheme: light\n", ":2: theme is there twice"),
        ("theme: [\n", "not YAML"),
        ("- a\n", "must be lines of"),
        ("theme: dark\napi_key: sk-1\n", ":2: a key does not belong in a file"),
    ],
)
def test_what_a_setting_cannot_be_is_refused_with_its_line(place: Place, text: str, said: str) -> None:
    place.user(text)
    with pytest.raises(UserError, match=said) as refused:
        place.load()
    assert "\n" not in str(refused.value)
    assert "sk-1" not in str(refused.value)


def test_a_wrong_variable_is_named(place: Place) -> None:
    with pytest.raises(UserError, match="env VEGA_MODE: mode 'x'"):
        place.load({**KEY, "VEGA_MODE": "x"})


@pytest.mark.parametrize("line", ["base_url: https://elsewhere.example", "api_key_env: OTHER_SECRET"])
def test_a_trusted_project_still_cannot_send_the_key_elsewhere(place: Place, line: str) -> None:
    place.shared(line + "\n")
    place.trust()
    with pytest.raises(UserError, match="only taken from your own"):
        place.load()


def test_words_that_yaml_reads_as_switches_keep_their_meaning(place: Place) -> None:
    place.user("notifications: off\nread_only: yes\nbudget_usd: none\n")
    found = place.load()
    assert (found.notifications, found.read_only, found.budget_usd) == ("off", True, None)


def test_prices_of_ones_own_are_taken(place: Place) -> None:
    place.user("prices:\n  mine: {input: 3, output: 15.5}\n")
    assert place.load().prices == {"mine": {"input": 3.0, "output": 15.5}}


def test_the_base_url_of_the_usual_variable_yields_to_ours(place: Place) -> None:
    found = place.load({"ANTHROPIC_BASE_URL": "http://a/", "VEGA_BASE_URL": "http://b"})
    assert (found.base_url, found.origins["base_url"]) == ("http://b", "env VEGA_BASE_URL")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_one_clear_error(place: Place) -> None:
    place.user("theme: dark\n")
    place.home.config.chmod(0)
    with pytest.raises(UserError, match="can't be read"):
        place.load()
