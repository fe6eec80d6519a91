"""`vega-tui config show|trust|untrust`: the settings in force, and whose project files count."""

from pathlib import Path
from typing import Any

from vega_tui.cli.setting import Setting
from vega_tui.core.config import Config, Value, key_from, project_of, trust, untrust
from vega_tui.core.errors import UserError
from vega_tui.core.exits import Exit
from vega_tui.core.secrecy import environment, without_userinfo
from vega_tui.plain.tables import Column, table


async def show(setting: Setting) -> Exit:
    """Print all settings; the key itself is never shown, only whether there is one."""
    config = setting.config()
    rows = [[name, _shown(value), config.origins.get(name, "")] for name, value in config.settings().items()]
    rows.append(["key", "set" if _has_key(config) else "not set", f"env {config.api_key_env}"])
    columns = [Column("SETTING"), Column("VALUE", yields=True), Column("ORIGIN")]
    if not setting.asked.origin:
        columns, rows = columns[:2], [row[:2] for row in rows]
    lines = table(columns, rows, setting.out.width)
    if config.untrusted is not None:
        lines.append(f"{config.untrusted}/.vega is not read, since nobody trusts it yet; vega-tui config trust")
    setting.tell(_plain(config, origin=setting.asked.origin), lines)
    return Exit.OK


async def trust_project(setting: Setting) -> Exit:
    """`config trust`: from now on this project's settings and rules count."""
    project = _project(setting)
    trust(setting.home, project)
    setting.tell({"project": str(project), "trusted": True}, [f"{project}/.vega is read from now on"])
    return Exit.OK


async def untrust_project(setting: Setting) -> Exit:
    """`config untrust`: they don't any more."""
    project = _project(setting)
    untrust(setting.home, project)
    setting.tell({"project": str(project), "trusted": False}, [f"{project}/.vega is not read any more"])
    return Exit.OK


def _project(setting: Setting) -> Path:
    project = project_of(setting.cwd, setting.home)
    if project is None:
        raise UserError(f"{setting.cwd}: no .vega/config.yaml or .vega/rules.yaml here or above; nothing to trust")
    return project


def _plain(config: Config, *, origin: bool) -> dict[str, Any]:  # Any: plain JSON
    found: dict[str, Any] = {}
    for name, value in config.settings().items():
        shown = without_userinfo(value) if isinstance(value, str) else value
        found[name] = {"value": shown, "origin": config.origins.get(name, "")} if origin else shown
    found["key_set"] = _has_key(config)
    found["untrusted_project"] = str(config.untrusted) if config.untrusted else None
    return found


def _has_key(config: Config) -> bool:
    return bool(key_from(environment(), config.api_key_env))


def _shown(value: Value) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ", ".join(value) or "none"
    return without_userinfo(str(value)) or "none"
