"""Settings in force and where each comes from: flags > environment > trusted project > user > default.

The key of a provider is never a setting: `api_key_env` names the variable that holds it. yaml is imported only
where there is a file to read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, TypeAlias

from vega_tui.core.errors import UserError
from vega_tui.core.home import Home
from vega_tui.core.near import near
from vega_tui.core.project import CONFIG, Project, Standing, project_of, read_project, standing
from vega_tui.core.project_settings import PROJECT_SAYS, Say, is_narrower
from vega_tui.core.secrecy import environment, without_userinfo
from vega_tui.core.small_file import read_small
from vega_tui.core.words import Mode

DEFAULT_MODEL: Final = "claude-sonnet-5"
SIMULATED_MODEL: Final = "simulated"
DEFAULT_MAX_TURNS: Final = 200
DEFAULT_KEY_ENV: Final = "ANTHROPIC_API_KEY"

Prices: TypeAlias = dict[str, dict[str, float]]
Value: TypeAlias = str | int | float | bool | Mode | Prices | None


@dataclass(frozen=True, slots=True)
class Config:
    """Settings in force. `origins` has a word for each: `flag`, `env VEGA_MODEL`, a file with its line, `default`."""

    model: str = DEFAULT_MODEL
    mode: Mode = Mode.MANUAL
    theme: str = "dark"
    glyphs: str = "auto"
    notifications: str = "auto"
    budget_usd: float | None = None
    max_turns: int = DEFAULT_MAX_TURNS
    base_url: str = ""
    api_key_env: str = DEFAULT_KEY_ENV
    prices: Prices = field(default_factory=dict[str, dict[str, float]])
    read_only: bool = False
    origins: Mapping[str, str] = field(default_factory=dict[str, str])
    untrusted: Path | None = None  # a project whose .vega/ is not taken, since nobody said that it may
    why_untrusted: str = ""
    too_wide: tuple[str, ...] = ()  # what a trusted project says beyond what it may: not taken

    def settings(self) -> dict[str, Value]:
        """Name → value of each setting."""
        return {name: getattr(self, name) for name in SETTINGS}


def load(
    home: Home,
    cwd: Path,
    *,
    flags: Mapping[str, Value] | None = None,
    env: Mapping[str, str] | None = None,
) -> Config:
    """The settings for work in `cwd`; a flag that is None or empty was not given.

    Raises UserError naming file and line (or variable) of a setting that is unknown or can't be.
    """
    env = environment() if env is None else env
    values: dict[str, Value] = {}
    origins: dict[str, str] = {name: "default" for name in SETTINGS}
    defaults = Config().settings()

    def put(name: str, value: Value, origin: str) -> None:
        values[name] = value
        origins[name] = origin

    for name, (value, origin) in _read_file(read_small(home.config), home.config, project=False).items():
        put(name, value, origin)
    folder = project_of(cwd, home)
    why, too_wide = "", list[str]()
    if folder is not None:
        project = read_project(folder)
        why = _why_not(project, standing(home, project))
        for name, (value, origin) in ({} if why else settings_of(project)).items():
            ours = values.get(name, defaults[name])
            if PROJECT_SAYS[name] is Say.SET or is_narrower(name, value, ours):
                put(name, value, origin)
            elif value != ours:
                too_wide.append(f"{origin}: {name} is not taken: {ours} holds, and a project can only narrow it")
    for name, (value, origin) in _read_env(env).items():
        put(name, value, origin)
    for name, value in (flags or {}).items():
        if value not in (None, ""):
            put(name, _checked(name, value, f"--{name.replace('_', '-')}"), "flag")

    if "model" not in values and not has_provider(env, values):
        put("model", SIMULATED_MODEL, "default: no key is set")
    known: dict[str, Any] = {**values}  # Any: each was checked by its setting
    return Config(
        **known, origins=origins, untrusted=folder if why else None, why_untrusted=why, too_wide=tuple(too_wide)
    )


def settings_of(project: Project) -> dict[str, tuple[Value, str]]:
    """What a project's config.yaml says, with its places. Raises UserError; whether it is trusted is not asked here."""
    return _read_file(project.files.get(CONFIG), project.path(CONFIG), project=True)


def _why_not(project: Project, found: Standing) -> str:
    """Why nothing of a project is taken; empty when it is trusted as it is."""
    if found == "trusted":
        return ""
    if project.problem:
        return project.problem
    return "it has changed since it was trusted" if found == "changed" else "nobody trusts it yet"


def has_provider(env: Mapping[str, str], values: Mapping[str, Value]) -> bool:
    """True when something says where a model is."""
    return bool(values.get("base_url") or key_from(env, str(values.get("api_key_env") or DEFAULT_KEY_ENV)))


def key_from(env: Mapping[str, str], api_key_env: str = DEFAULT_KEY_ENV) -> str:
    """The provider's key, or empty. The usual variable has a second name, the one for bearer tokens."""
    key = env.get(api_key_env, "").strip()
    if not key and api_key_env == DEFAULT_KEY_ENV:
        key = env.get("ANTHROPIC_AUTH_TOKEN", "").strip()
    return key


# --- the settings ------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a word")
    return value.strip()


def _one_of(*words: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if value is False:
            value = "off"  # as YAML reads the bare word
        if value not in words:
            meant = near(str(value), words)
            raise ValueError(f"did you mean {meant!r}?" if meant else f"is one of {', '.join(words)}")
        return str(value)

    return check


def _mode(value: object) -> Mode:
    return Mode(_one_of(*(mode.value for mode in Mode))(str(value) if isinstance(value, Mode) else value))


def _dollars(value: object) -> float | None:
    if value in ("none", None):
        return None
    try:
        amount = float(str(value))
    except ValueError:
        amount = -1.0
    if isinstance(value, bool) or not 0 <= amount < float("inf"):
        raise ValueError("must be dollars from 0 up, as 2.50, or none")
    return amount


def _count(value: object) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or int(str(value)) < 1:
        raise ValueError("must be a whole number from 1 up")
    return int(str(value))


def _url(value: object) -> str:
    text = _text(value)
    if not text.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return text.rstrip("/")


def _switch(value: object) -> bool:
    word = str(value).lower()
    if word not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
        raise ValueError("must be true or false")
    return word in ("true", "1", "yes", "on")


def _prices(value: object) -> Prices:
    import msgspec

    try:
        prices = msgspec.convert(value, Prices)
    except msgspec.ValidationError:
        prices = {"": {"": 0.0}}
    if any(part not in _PRICE_PARTS or amount < 0 for parts in prices.values() for part, amount in parts.items()):
        raise ValueError(
            "must map a model to USD per million tokens, as {my-model: {input: 3, output: 15}};"
            f" parts are {', '.join(_PRICE_PARTS)}"
        )
    return prices


_PRICE_PARTS: Final = ("input", "output", "cache_read", "cache_write")

SETTINGS: Final[Mapping[str, Callable[[object], Value]]] = {
    "model": _text,
    "mode": _mode,
    "theme": _text,
    "glyphs": _one_of("auto", "unicode", "ascii"),
    "notifications": _one_of("auto", "bell", "osc", "off"),
    "budget_usd": _dollars,
    "max_turns": _count,
    "base_url": _url,
    "api_key_env": _text,
    "prices": _prices,
    "read_only": _switch,
}


def _checked(name: str, value: object, place: str) -> Value:
    try:
        return SETTINGS[name](value)
    except ValueError as error:
        shown = "" if name == "prices" else f" {without_userinfo(str(value))!r}"
        raise UserError(f"{place}: {name}{shown} {error}") from None


def _read_env(env: Mapping[str, str]) -> dict[str, tuple[Value, str]]:
    found: dict[str, tuple[Value, str]] = {}
    if env.get("ANTHROPIC_BASE_URL"):
        name = "env ANTHROPIC_BASE_URL"
        found["base_url"] = (_checked("base_url", env["ANTHROPIC_BASE_URL"], name), name)
    for name in SETTINGS:
        variable = f"VEGA_{name.upper()}"
        if env.get(variable) and name != "prices":
            found[name] = (_checked(name, env[variable], f"env {variable}"), f"env {variable}")
    return found


def _read_file(data: bytes | None, path: Path, *, project: bool) -> dict[str, tuple[Value, str]]:
    if data is None:
        return {}
    from vega_tui.core.yaml_file import mapping_of, value_of  # most homes have no such file, and needn't pay for it

    root = mapping_of(data, path, f"must be lines of `name: value`, as `model: {DEFAULT_MODEL}`")
    found: dict[str, tuple[Value, str]] = {}
    for key, node in root.value if root is not None else ():
        name, place = str(key.value), f"{path}:{key.start_mark.line + 1}"
        _check_name(name, place, project=project)
        if name in found:
            raise UserError(f"{place}: {name} is there twice; keep one")
        found[name] = (_checked(name, value_of(node, path), place), place)
    return found


def _check_name(name: str, place: str, *, project: bool) -> None:
    if name in ("api_key", "auth_token", "key"):
        raise UserError(
            f"{place}: a key does not belong in a file; put it in {DEFAULT_KEY_ENV}, or name its variable: api_key_env"
        )
    if name not in SETTINGS:
        meant = near(name, SETTINGS)
        hint = f"did you mean {meant!r}?" if meant else f"there are {', '.join(SETTINGS)}"
        raise UserError(f"{place}: {name!r} is no setting; {hint}")
    if project and PROJECT_SAYS[name] is Say.NEVER:
        raise UserError(f"{place}: {name} is only taken from your own config.yaml or the environment; remove it here")


assert set(SETTINGS) <= {each.name for each in fields(Config)}
assert set(SETTINGS) == set(PROJECT_SAYS), "say in project_settings.py what a project may do with it"
