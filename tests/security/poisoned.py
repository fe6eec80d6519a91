"""A folder whose files would run in whoever imports from it: one for every name that could be imported."""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

_BODY = """with open({canary!r}, "a") as file:
    file.write(__name__ + "\\n")
raise ImportError("a module of the project")
"""
_POINTS = "[vega_tui.tools]\nx = evil_plugin:x\n[vega_tui.commands]\nx = evil_plugin:x\n"
_OWN_HOOKS = ("sitecustomize", "usercustomize")


def poison(folder: Path, canary: Path) -> None:
    """Fill `folder`: the standard library, all that is installed, ourselves, and an entry point for plugins."""
    body = _BODY.format(canary=str(canary))
    for name in {*sys.stdlib_module_names, *packages_distributions(), *_OWN_HOOKS, "vega_tui", "evil_plugin"}:
        if name.isidentifier():
            (folder / f"{name}.py").write_text(body)
    for name in ("vega_tui", "yaml", "logging", "asyncio", "textual"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(body)
    info = folder / "evil-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(_POINTS)
    (folder / "evil.pth").write_text("import evil_plugin\n")


def ran(canary: Path) -> set[str]:
    """Names of the project's modules that were executed."""
    return set(canary.read_text().split()) if canary.exists() else set()
