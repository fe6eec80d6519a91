"""Reads YAML that nobody vouches for: no aliases, not deep, not many values; errors name file and line."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vega_tui.core.errors import UserError
from vega_tui.core.small_file import text_of

if TYPE_CHECKING:
    from yaml import MappingNode, Node

_DEEPEST: Final = 10
_MOST_VALUES: Final = 5_000


def mapping_of(data: bytes, path: Path, wanted: str) -> "MappingNode | None":
    """The file's outermost mapping; None when it is empty. Raises UserError; `wanted` says what should be there."""
    import yaml

    text = text_of(data, path)
    try:
        _refuse_bombs(text, path)
        node: Any = yaml.SafeLoader(text).get_single_node()  # Any: the library has no types
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        why = " ".join(str(getattr(error, "problem", None) or error).split())
        raise UserError(f"{path}:{line}: not YAML ({why}); repair it") from error
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        raise UserError(f"{path}:1: {wanted}")
    return node


def value_of(node: "Node", path: Path) -> object:
    """The plain value that a node writes. Raises UserError."""
    import yaml

    constructor: Any = yaml.constructor.SafeConstructor()  # Any: the library has no types
    try:
        return constructor.construct_document(node)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        line = node.start_mark.line + 1 if node.start_mark else 1
        why = getattr(error, "problem", None) or error
        raise UserError(f"{path}:{line}: not a value ({why}); repair it") from error


def _refuse_bombs(text: str, path: Path) -> None:
    """Before anything is built of it. The reader takes a list's lines one by one, so this ends at the first excess."""
    import yaml

    depth = values = 0
    step: Mapping[Any, int] = {
        yaml.MappingStartEvent: 1, yaml.SequenceStartEvent: 1, yaml.MappingEndEvent: -1, yaml.SequenceEndEvent: -1,
    }  # fmt: skip
    reader: Any = yaml  # Any: the library has no types
    for event in reader.parse(text, Loader=yaml.SafeLoader):
        depth += step.get(type(event), 0)
        values += isinstance(event, yaml.ScalarEvent)
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise UserError(f"{path}:{line}: an alias (*{event.anchor}) is not taken; write the value itself")
        if depth > _DEEPEST:
            raise UserError(f"{path}:{line}: nested more than {_DEEPEST} deep")
        if values > _MOST_VALUES:
            raise UserError(f"{path}:{line}: more than {_MOST_VALUES:,} values")
