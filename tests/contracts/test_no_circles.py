"""No file of a package needs another that needs it back; imports under TYPE_CHECKING and inside functions count."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import vega_tui

HOUSE = Path(vega_tui.__file__).parent
PACKAGES = sorted(folder.name for folder in HOUSE.iterdir() if (folder / "__init__.py").is_file())

Graph = Mapping[str, frozenset[str]]


def modules(package: Path) -> dict[str, Path]:
    """The files of a package, subfolders too, by module name."""
    found: dict[str, Path] = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(HOUSE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(source: str, module: str, *, is_package: bool) -> Iterator[str]:
    """Every name that might be a module, with the more exact one first of each pair."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".")
            parts = parts[: len(parts) - node.level + is_package] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{base}.{alias.name}"


def graph_of(package: Path) -> dict[str, frozenset[str]]:
    """Which file of the package imports which other one of it."""
    files = modules(package)
    graph: dict[str, frozenset[str]] = {}
    for module, file in files.items():
        needs: set[str] = set()
        for name in imported(file.read_text(), module, is_package=file.name == "__init__.py"):
            # What is not a module itself is something that stands in the module before the dot.
            needs.add(name if name in files else name.rpartition(".")[0])
        graph[module] = frozenset(needs & files.keys() - {module})
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """The groups of files that reach each other, each sorted."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        ahead = [start]
        while ahead:
            for following in graph[ahead.pop()] - found:
                found.add(following)
                ahead.append(following)
        return found

    reach = {module: reached(module) for module in graph}
    groups = {
        tuple(sorted({module} | {other for other in reach[module] if module in reach[other]}))
        for module in graph
        if module in reach[module]
    }
    return [list(group) for group in sorted(groups)]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_of_the_package_needs_one_that_needs_it_back(package: str) -> None:
    assert circles(graph_of(HOUSE / package)) == []


def test_no_file_of_the_house_needs_one_of_another_package_that_needs_it_back() -> None:
    assert circles(graph_of(HOUSE)) == []


def test_a_circle_is_found_however_it_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = tmp_path / "house"
    room = house / "room"
    (room / "inner").mkdir(parents=True)
    (room / "__init__.py").write_text("from house.room.top import top\n")
    (room / "top.py").write_text("import house.room.plain\nfrom house.room import late\nfrom .inner import deep\n")
    (room / "plain.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.room.hinted import x\n"
    )
    (room / "hinted.py").write_text("from .plain import y\n")
    (room / "late.py").write_text("def f():\n    from house.room.later import z\n")
    (room / "later.py").write_text("from house.room import late, missing\n")
    (room / "inner" / "__init__.py").write_text("")
    (room / "inner" / "deep.py").write_text("from ..inner.deeper import z\n")
    (room / "inner" / "deeper.py").write_text("from . import deep\nimport os, house.other\n")
    monkeypatch.setattr(f"{__name__}.HOUSE", house)
    assert circles(graph_of(room)) == [
        ["house.room", "house.room.late", "house.room.later", "house.room.top"],
        ["house.room.hinted", "house.room.plain"],
        ["house.room.inner.deep", "house.room.inner.deeper"],
    ]
