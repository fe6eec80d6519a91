"""A project's `.vega/`: where it is, what is in it, and whether a person trusts just that content."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from vega_tui.core.errors import UserError
from vega_tui.core.home import Home
from vega_tui.core.ids import new_id
from vega_tui.core.small_file import read_small

CONFIG: Final = "config.yaml"
RULES: Final = "rules.yaml"
_NAMES: Final = (CONFIG, RULES)

# "changed": a person trusted another content of it.
Standing: TypeAlias = Literal["trusted", "changed", "unknown"]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a `.vega/`, and its files as they were read, once: what is hashed is what is taken."""

    folder: Path
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    problem: str = ""  # why they can't be read: then nobody can trust them

    def path(self, name: str) -> Path:
        """Where a file of it is."""
        return self.folder / ".vega" / name

    @property
    def digest(self) -> str:
        """Equal for equal content of all that is read of it."""
        parts = [f"{name} {len(self.files[name])}\n".encode() + self.files[name] for name in sorted(self.files)]
        return hashlib.sha256(b"".join(parts)).hexdigest()


def project_of(cwd: Path, home: Home) -> Path | None:
    """The nearest folder from `cwd` upwards with a `.vega/` of its own; the home itself is none."""
    for folder in (cwd, *cwd.parents):
        inner = folder / ".vega"
        if any(os.path.lexists(inner / name) for name in _NAMES) and inner.resolve() != home.root.resolve():
            return folder.resolve()
    return None


def read_project(folder: Path) -> Project:
    """What is in a project's `.vega/`; nothing of it is parsed. Links are not followed, not even to the folder."""
    inner = folder / ".vega"
    files: dict[str, bytes] = {}
    try:
        descriptor = os.open(inner, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        return Project(folder, problem=f"{inner}: can't be read as a folder of the project ({error.strerror})")
    try:
        for name in _NAMES:
            data = read_small(inner / name, folder=descriptor, links=False)
            if data is not None:
                files[name] = data
    except UserError as error:
        return Project(folder, problem=str(error))
    finally:
        os.close(descriptor)
    return Project(folder, files)


def standing(home: Home, project: Project) -> Standing:
    """Whether a person trusts this project as it was read. Raises UserError where the list can't be read."""
    known = _trusted(home).get(str(project.folder))
    if known is None:
        return "unknown"
    return "trusted" if known == project.digest and not project.problem else "changed"


def trust(home: Home, project: Project) -> None:
    """Remember that this content may be taken. Only ever after a person said so. Raises UserError for a broken one."""
    if project.problem:
        raise UserError(project.problem)
    home.ensure()
    _store(home, _trusted(home) | {str(project.folder): project.digest})


def untrust(home: Home, folder: Path) -> None:
    """Forget it again."""
    known = _trusted(home)
    if known.pop(str(folder), None) is not None:
        _store(home, known)


def _trusted(home: Home) -> dict[str, str]:
    """Folder → digest. Lines of older versions name a folder alone: they trust nothing any more."""
    path = trust_file(home)
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror}); remove it to trust no folder") from error
    pairs = (line.partition("  ") for line in text.split("\n") if line)
    return {_unescaped(folder): digest for digest, gap, folder in pairs if gap and len(digest) == 64}


def _store(home: Home, known: Mapping[str, str]) -> None:
    path = trust_file(home)
    text = "".join(f"{digest}  {_escaped(folder)}\n" for folder, digest in known.items())
    beside = path.with_name(f"{path.name}.{new_id('tmp')}")
    beside.write_bytes(text.encode("utf-8", "surrogateescape"))
    beside.replace(path)


def _escaped(folder: str) -> str:
    return folder.replace("\\", "\\\\").replace("\n", "\\n")


def _unescaped(folder: str) -> str:
    return "\\".join(part.replace("\\n", "\n") for part in folder.split("\\\\"))


def trust_file(home: Home) -> Path:
    """Where trust is kept: a line per project, its content's SHA-256 and its folder."""
    return home.root / "trusted_folders"
