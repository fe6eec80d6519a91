import os
import re
import shlex
from pathlib import Path

import pytest

from vega_tui.cli.arguments import parse
from vega_tui.commands.table import load_table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCUMENTS = [path for path in ROOT.glob("*.md")]


def shell_lines() -> list[str]:
    blocks = re.findall(r"```bash\n(.*?)```", README, re.S)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line.rpartition("| ")[2] for line in lines if "vega-tui" in line and "git clone" not in line]


@pytest.mark.parametrize("line", shell_lines())
def test_every_command_of_the_readme_is_understood(line: str) -> None:
    assert parse(shlex.split(line)[1:]).command


def key_table() -> str:
    rows = ["| Name | What | Keys |", "|---|---|---|"]
    for command in load_table(plugins=False):
        keys = [
            key.label.replace("|", "\\|") + ("" if key.context == "global" else f" *{key.context}*")
            for key in command.parsed_keys()
        ]
        if keys:
            rows.append(f"| `{command.id}` | {command.title} | {', '.join(keys)} |")
    return "\n".join(rows)


def test_the_readme_has_the_keys_of_the_command_table() -> None:
    head, rest = README.split("<!-- keys:")
    mark, rest = rest.split("-->\n", 1)
    shown, tail = rest.split("\n<!-- end of keys -->", 1)
    if os.environ.get("SNAPSHOT_UPDATE"):
        whole = f"{head}<!-- keys:{mark}-->\n{key_table()}\n<!-- end of keys -->{tail}"
        (ROOT / "README.md").write_text(whole)
        return
    assert shown == key_table(), "make snap writes it again"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_to_files_of_the_repository_lead_somewhere(document: Path) -> None:
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)\)", document.read_text())
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert missing == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    texts = [path.read_text() for path in (*DOCUMENTS, ROOT / "pyproject.toml")]
    named = {name for text in texts for name in re.findall(r"`make ([a-z-]+)", text)}
    assert named
    assert named - targets == set()
