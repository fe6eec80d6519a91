"""Palettes in YAML: found, checked with file and line, completed. Imports yaml only when a file is read."""

from collections.abc import Mapping
from pathlib import Path

from vega_tui.core.assets import asset_dir
from vega_tui.core.errors import NotFound, UserError
from vega_tui.tui.theme import DARK_SPEC, ROLES, ThemeSpec, parse_value

SHIPPED = ("dark", "light", "high-contrast", "ansi")
_GROUNDS = ("background", "surface", "panel", "select")
_LEAST = 4.5


def theme_files(home: Path | None = None) -> dict[str, Path]:
    """Every theme by name: those that ship, and the user's in `home/themes`, which win."""
    found: dict[str, Path] = {}
    folders = [asset_dir("themes")] + ([home / "themes"] if home else [])
    for folder in folders:
        if folder.is_dir():
            found |= {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return found


def load_theme(name: str, home: Path | None = None) -> ThemeSpec:
    """The theme of that name. `dark` is built in and reads nothing, unless the user has one of that name."""
    own = home / "themes" / f"{name}.yaml" if home else None
    if name == "dark" and not (own and own.is_file()):
        return DARK_SPEC
    files = theme_files(home)
    if name not in files:
        raise NotFound(f"no theme `{name}`; there are: {', '.join(sorted(files))}")
    return read_theme(files[name])


def read_theme(path: Path) -> ThemeSpec:
    """Read and check one file. Errors are UserError, `file:line: what`; missing roles are derived."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: can't be read: {error}") from None
    fields, lines = _fields(path, text)
    for key in fields:
        if key not in ("name", "dark", "ansi") and not key.startswith("roles."):
            raise UserError(f"{path}:{lines[key]}: unknown field `{key}`; known: name, dark, ansi, roles")
    roles: dict[str, str] = {}
    for key, value in fields.items():
        if not key.startswith("roles."):
            continue
        role = key.removeprefix("roles.")
        if role not in ROLES:
            raise UserError(f"{path}:{lines[key]}: unknown role `{role}`")
        try:
            parse_value(value)
        except ValueError as error:
            raise UserError(f"{path}:{lines[key]}: {role}: {error}") from None
        roles[role] = value
    dark = fields.get("dark", "true") == "true"
    ansi = fields.get("ansi", "false") == "true"
    if ansi:
        for role in ROLES:
            roles.setdefault(role, "default")
        return ThemeSpec(fields.get("name", path.stem), roles, dark, ansi=True)
    return ThemeSpec(fields.get("name", path.stem), complete(roles, dark=dark), dark)


def _composed(text: str) -> object:
    import yaml

    return yaml.compose(text, Loader=yaml.SafeLoader)  # pyright: ignore  # PyYAML's stub leaves it open


def _fields(path: Path, text: str) -> tuple[dict[str, str], dict[str, int]]:
    import yaml

    try:
        root = _composed(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{path}:{line}: not YAML: {error.problem}") from None
    values: dict[str, str] = {}
    lines: dict[str, int] = {}

    def walk(node: object, prefix: str) -> None:
        if not isinstance(node, yaml.MappingNode):
            line = node.start_mark.line + 1 if isinstance(node, yaml.Node) else 1
            raise UserError(f"{path}:{line}: `{prefix.rstrip('.') or 'the file'}` must be a list of `name: value`")
        for key, value in node.value:
            name = prefix + str(key.value)
            if name == "roles":
                walk(value, "roles.")
            elif isinstance(value, yaml.ScalarNode):
                values[name] = str(value.value)
                lines[name] = int(key.start_mark.line) + 1
            else:
                raise UserError(f"{path}:{key.start_mark.line + 1}: `{name}` must be one value")

    walk(root, "")
    return values, lines


def complete(given: Mapping[str, str], *, dark: bool) -> dict[str, str]:
    """All roles: those given, `muted` and `faint` mixed from text and background, the rest ours."""
    if len(given) == len(ROLES):
        return dict(given)
    base = dict(DARK_SPEC.roles) if dark else dict(read_theme(asset_dir("themes") / "light.yaml").roles)
    if "text" in given or "background" in given:
        text, ground = given.get("text", base["text"]), given.get("background", base["background"])
        grounds = [given.get(role, ground) for role in _GROUNDS]
        base |= {"strong": text, "fn": text, "paus": text}
        base |= {role: ground for role in ("surface", "panel", "select") if role not in given}
        base["muted"] = readable(text, ground, 0.70, grounds)
        base["faint"] = base["com"] = base["kill"] = readable(text, ground, 0.55, grounds)
    for role, source in (("ask_fill", "ask"), ("ask_rule", "ask"), ("fail_fill", "fail"), ("accent_fill", "accent")):
        if source in given:
            base[role] = given[source]
    return {**base, **given}


def readable(text: str, ground: str, share: float, grounds: list[str]) -> str:
    """`share` of text over ground, raised until it is 4.5:1 on all grounds (or is the text itself)."""
    while share < 1.0:
        color = mix(text, ground, share)
        if min(contrast(color, other) for other in grounds) >= _LEAST:
            return color
        share += 0.05
    return text


def mix(front: str, back: str, share: float) -> str:
    """`share` of front over back, both `#RRGGBB`."""
    channels = (round(a * share + b * (1 - share)) for a, b in zip(_rgb(front), _rgb(back), strict=True))
    return "#" + "".join(f"{channel:02X}" for channel in channels)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two `#RRGGBB` colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in _rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
