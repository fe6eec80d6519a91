"""`vega-tui config show|trust|untrust`: the settings in force, and whose project files count."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vega_tui.cli.setting import Setting
from vega_tui.core.config import Config, Value, key_from, settings_of
from vega_tui.core.errors import UserError
from vega_tui.core.exits import Exit
from vega_tui.core.project import Project, project_of, read_project, trust, untrust
from vega_tui.core.secrecy import environment, without_userinfo
from vega_tui.plain.tables import Column, table

if TYPE_CHECKING:
    from vega_tui.approvals.rules import Rule


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
        lines.append(f"{config.untrusted}/.vega is not read: {config.why_untrusted}; vega-tui config trust")
    lines += config.too_wide
    setting.tell(_plain(config, origin=setting.asked.origin), lines)
    return Exit.OK


async def trust_project(setting: Setting) -> Exit:
    """`config trust`: show what this project says, and let just that count from now on; a change asks again."""
    project = read_project(_project(setting))
    if project.problem:
        raise UserError(project.problem)
    rules = [f"{rule.effect} {rule.text}" for rule in _project_rules(project)]
    said = [f"{name}: {_shown(value)}" for name, (value, _) in settings_of(project).items()]
    if setting.out.terminal and sys.stdin.isatty() and not setting.asked.json:
        for line in (f"{project.folder}/.vega says:", *(f"  {each}" for each in (*said, *rules))):
            setting.out.line(line)
        answer = await asyncio.to_thread(input, "Let this count, until it changes? [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            return Exit.DENIED
    trust(setting.home, project)
    setting.tell(
        {"project": str(project.folder), "trusted": True, "settings": said, "rules": rules},
        [f"{project.folder}/.vega counts as it is now: {', '.join([*said, *rules]) or 'it says nothing'}"],
    )
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


def _project_rules(project: Project) -> tuple["Rule", ...]:
    from vega_tui.approvals.rules_file import project_rules

    return project_rules(project)


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
