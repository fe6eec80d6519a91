"""Where a path leads: as named, and with symlinks followed."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PathUse:
    """A file or folder that a call touches: `path` as named, `target` behind symlinks; both absolute."""

    path: str
    target: str
    inside: bool  # the target lies in the work directory
    alias: str = ""  # as `path`, where the work directory itself is reached by a link

    @property
    def spellings(self) -> tuple[str, ...]:
        """Both names, or the one when they are the same: an allow rule must cover them all."""
        return (self.path,) if self.path == self.target else (self.path, self.target)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it goes by: a deny or ask rule speaks when it fits any."""
        return (*self.spellings, self.alias) if self.alias not in ("", self.path) else self.spellings


def resolve(name: str, cwd: Path, home: Path) -> PathUse:
    """Where a path leads from `cwd`. A null byte or a loop of links leads nowhere: outside."""
    root = os.path.realpath(cwd)
    expanded = name
    if name == "~" or name.startswith("~/"):
        expanded = str(home) + name[1:]
    lexical = os.path.normpath(os.path.join(root, expanded))  # noqa: PTH118 - pathlib keeps `..`
    alias = os.path.normpath(os.path.join(os.path.abspath(cwd), expanded))  # noqa: PTH118, PTH100
    try:
        target = os.path.realpath(os.path.join(root, expanded))  # noqa: PTH118
    except (OSError, ValueError):
        return PathUse(lexical, lexical, inside=False, alias=alias)
    inside = target == root or target.startswith(root.rstrip("/") + "/")
    return PathUse(lexical, target, inside, alias)
