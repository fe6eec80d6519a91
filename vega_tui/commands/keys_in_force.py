"""The keymap that holds on this machine: the table's defaults, and the user's file where there is one."""

from pathlib import Path

from vega_tui.commands.keymap import Keymap, Problem
from vega_tui.commands.table import CommandTable


def read_keymap(path: Path, table: CommandTable) -> tuple[Keymap, list[Problem]]:
    """The keymap in force, and what is wrong with the file at `path`; YAML is only loaded where there is one."""
    keymap = Keymap(table)
    if not path.is_file():
        return keymap, []
    from vega_tui.commands.keymap_file import move_keys

    return keymap, move_keys(keymap, path, table)
