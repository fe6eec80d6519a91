"""What may follow the word at the cursor: slash commands, processes to address, files of the session's folder."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vega_tui.commands.table import CommandTable
from vega_tui.tui.face import Face
from vega_tui.tui.widgets.prompt import Completion

_MOST: Final = 40
_SCANNED: Final = 2_000  # names of one folder


def proposals(word: str, table: CommandTable, face: Face) -> Sequence[Completion]:
    """Proposals for `/com`, `@plan`, `@src/a`; none for any other word."""
    if word.startswith("/"):
        found = table.completions(word[1:])
        return [
            Completion(
                f"/{slash} " if command.args_hint else f"/{slash}",
                f"/{slash} {command.args_hint}".rstrip(),
                command.title,
            )
            for slash, command in found[:_MOST]
        ]
    if not word.startswith("@"):
        return []
    wanted = word[1:]
    out = [
        Completion(f"@{row.path.rpartition('/')[2]} ", f"@{row.path.rpartition('/')[2]}", row.path)
        for row in face.fleet.order
        if row.path != face.views.chat.process and wanted.casefold() in row.path.casefold() and "." not in wanted
    ]
    session = face.feed.session_row
    return [*out[:8], *_files(wanted, Path(session.cwd) if session and session.cwd else Path.cwd())][:_MOST]


def _files(wanted: str, folder: Path) -> list[Completion]:
    head, _, tail = wanted.rpartition("/")
    base = folder / head
    out: list[Completion] = []
    try:
        with os.scandir(base) as entries:
            for count, entry in enumerate(entries):
                if count > _SCANNED:
                    break
                hidden = entry.name.startswith(".") and not tail.startswith(".")
                if hidden or tail.casefold() not in entry.name.casefold():
                    continue
                path = f"{head}/{entry.name}" if head else entry.name
                out.append(
                    Completion(f"@{path}/" if entry.is_dir() else f"@{path} ", path, "folder" if entry.is_dir() else "")
                )
    except OSError:
        return []
    out.sort(key=lambda one: (not one.label.rpartition("/")[2].casefold().startswith(tail.casefold()), one.label))
    return out
