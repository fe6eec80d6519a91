from pathlib import Path

import pytest

from vega_tui.client.environment import hello_for, provider_settings
from vega_tui.core.config import Config
from vega_tui.core.environment import allowed_environment
from vega_tui.core.provider_settings import ProviderSettings
from vega_tui.core.words import Mode


@pytest.mark.parametrize(
    "name",
    ["ANTHROPIC_API_KEY", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "LC_TOKEN", "SSH_AUTH_SOCK", "OTHER"],
)
def test_keys_and_what_is_not_listed_stay_out(name: str) -> None:
    assert allowed_environment({name: "x", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_what_commands_need_is_passed() -> None:
    env = {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "VIRTUAL_ENV": "/v", "LANG": "C.UTF-8"}
    assert allowed_environment(env) == env


def test_a_proxy_with_a_password_stays_out() -> None:
    env = {"HTTPS_PROXY": "http://me:secret@proxy:1", "HTTP_PROXY": "http://proxy:1"}
    assert allowed_environment(env) == {"HTTP_PROXY": "http://proxy:1"}


def test_the_key_comes_from_the_variable_that_the_settings_name() -> None:
    env = {"MY_KEY": "mine", "ANTHROPIC_API_KEY": "usual"}
    assert provider_settings(Config(api_key_env="MY_KEY"), env).api_key == "mine"
    assert provider_settings(Config(), env).api_key == "usual"
    assert provider_settings(Config(), {"ANTHROPIC_AUTH_TOKEN": "t"}).api_key == "t"


def test_asking_for_the_simulated_model_takes_no_key_along() -> None:
    assert provider_settings(Config(model="simulated"), {"ANTHROPIC_API_KEY": "k"}) == ProviderSettings()


def test_hello_says_folder_and_whether_anybody_can_answer() -> None:
    hello = hello_for("headless", Config(read_only=True), Path("/work"), can_ask=False, env={"PATH": "/bin"})
    assert (hello.cwd, hello.can_ask, hello.read_only, hello.env) == ("/work", False, True, {"PATH": "/bin"})


def test_hello_tells_what_new_sessions_get() -> None:
    config = Config(model="m", mode=Mode.EDITS, budget_usd=2.0, max_turns=7)
    told = hello_for("tui", config, Path("/work"), env={}).defaults
    assert (told.model, told.mode, told.budget_usd, told.max_turns) == ("m", Mode.EDITS, 2.0, 7)


def test_a_key_does_not_show_where_hello_is_printed() -> None:
    hello = hello_for("headless", Config(), Path("/work"), env={"ANTHROPIC_API_KEY": "sk-very-secret"})
    assert hello.provider.api_key == "sk-very-secret"
    assert "sk-very-secret" not in repr(hello)
