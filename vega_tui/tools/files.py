"""Text files for the tools that read and change them: encodings, line ends, atomic writes, diffs, ignored names."""

import codecs
import contextlib
import difflib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, TypeAlias

from vega_tui.approvals.sensitive import holds_secrets
from vega_tui.approvals.veil import Veil
from vega_tui.core.errors import ToolError, UserError
from vega_tui.core.ids import new_id
from vega_tui.core.small_file import read_small
from vega_tui.tools import opened

MAX_BYTES: Final = 20_000_000
_DIFF_LINES: Final = 1_500
_CONTEXT: Final = 3
_Opcode: TypeAlias = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's text as it is, line ends included, and how it was encoded."""

    text: str
    encoding: str

    @property
    def crlf(self) -> bool:
        """True when its lines end as Windows' do."""
        return "\r\n" in self.text and not re.search(r"(?<!\r)\n", self.text)

    def encode(self, text: str) -> bytes:
        """`text` in the file's encoding. Raises ToolError when that can't hold it."""
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise ToolError(f"the file is {self.encoding}, which can't hold {error.object[error.start]!r}") from error


def load(path: Path) -> TextFile:
    """A text file's content. Raises ToolError for folders, devices, binary and very large files."""
    try:
        with opened.regular(path) as (file, status):
            data = opened.read(file, MAX_BYTES + 1) if status.st_size <= MAX_BYTES else b""
    except OSError as error:
        raise ToolError(f"{path}: {error.strerror or error}") from error
    if max(status.st_size, len(data)) > MAX_BYTES:
        raise ToolError(f"{path} has {status.st_size:,} bytes; use grep, or bash with head, tail or sed -n")
    return decode(data, path)


def decode(data: bytes, path: Path) -> TextFile:
    """Bytes as text: UTF-8, UTF-16 with a mark, or else latin-1, each written back as it was."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        try:
            return TextFile(data.decode(encoding), encoding)
        except UnicodeDecodeError as error:
            raise ToolError(f"{path} is a binary file") from error
    if b"\0" in data[:65_536]:
        raise ToolError(f"{path} is a binary file of {len(data):,} bytes")
    try:
        return TextFile(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return TextFile(data.decode("latin-1"), "latin-1")


def store(path: Path, data: bytes) -> None:
    """Replace a file's content at once, keeping its mode; folders above it are made. Raises ToolError."""
    try:
        with opened.folder(path.parent, make=True) as above:
            _replace(above, path, data)
    except OSError as error:
        raise ToolError(f"{path}: {error.strerror or error}") from error


def _replace(above: int, path: Path, data: bytes) -> None:
    try:
        status = os.lstat(path.name, dir_fd=above)
    except FileNotFoundError:
        mode = None
    else:
        if stat.S_ISLNK(status.st_mode):
            raise opened.changed(path)
        if not stat.S_ISREG(status.st_mode):
            raise ToolError(f"{path} is not a regular file")
        mode = stat.S_IMODE(status.st_mode)
    beside = f".{path.name[:100]}.{new_id('tmp')}"
    new = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=above)
    try:
        with open(new, "wb") as file:
            file.write(data)
            file.flush()
            if mode is not None:
                os.fchmod(new, mode)
            os.fsync(new)
        os.replace(beside, path.name, src_dir_fd=above, dst_dir_fd=above)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=above)
        raise


def unified(old: str, new: str, name: str) -> str:
    """The unified diff from `old` to `new`; a short note where it would take too long to find."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    # Finding a diff takes time with the square of the lines: look only between the ends that are equal.
    start = _equal(before, after)
    end = _equal(before[start:][::-1], after[start:][::-1])
    old_middle, new_middle = before[start : len(before) - end], after[start : len(after) - end]
    if not old_middle and not new_middle:
        return ""
    head = f"--- {name if old else '/dev/null'}\n+++ {name}\n"
    if max(len(old_middle), len(new_middle)) > _DIFF_LINES:
        prints = " becomes ".join(sha256(text.encode("utf-8", "replace")).hexdigest()[:16] for text in (old, new))
        return f"{head}(too long to compare: {len(before):,} lines become {len(after):,}; {prints})\n"
    changes = difflib.SequenceMatcher(None, old_middle, new_middle).get_opcodes()
    known: list[_Opcode] = [
        ("equal", 0, start, 0, start),
        *((tag, a + start, b + start, c + start, d + start) for tag, a, b, c, d in changes),
        ("equal", len(before) - end, len(before), len(after) - end, len(after)),
    ]
    return head + "".join(_hunk(group, before, after) for group in _Known(known).get_grouped_opcodes(_CONTEXT))


class _Known(difflib.SequenceMatcher[str]):
    """Groups changes that were found already."""

    def __init__(self, known: list[_Opcode]) -> None:
        super().__init__()
        self._known = known

    def get_opcodes(self) -> list[_Opcode]:
        return self._known


def _equal(before: list[str], after: list[str]) -> int:
    """How many lines are the same from the start on."""
    pairs = zip(before, after, strict=False)
    return next((count for count, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after)))


def _hunk(group: Sequence[tuple[str, int, int, int, int]], before: list[str], after: list[str]) -> str:
    first, last = group[0], group[-1]
    lines = [f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"]
    for tag, a, b, c, d in group:
        if tag == "equal":
            lines += [f" {line}" for line in before[a:b]]
        else:
            lines += [f"-{line}" for line in before[a:b]] + [f"+{line}" for line in after[c:d]]
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _range(start: int, stop: int) -> str:
    length = stop - start
    return f"{start + 1}" if length == 1 else f"{start + (length > 0)},{length}"


def counted(diff: str) -> str:
    """How many lines a diff adds and takes: `+12 −9`."""
    lines = diff.splitlines()[2:]
    return f"+{sum(line.startswith('+') for line in lines)} −{sum(line.startswith('-') for line in lines)}"


def shown(path: Path, root: Path) -> str:
    """A path as the model reads it: relative inside the work directory."""
    try:
        return str(path.relative_to(root.resolve())) or "."
    except ValueError:
        return str(path)


@dataclass(frozen=True, slots=True)
class Ignored:
    """What a `.gitignore` at the root hides, read lightly: names and paths, no negation below a hidden folder."""

    patterns: tuple[tuple[str, bool, bool], ...] = ()  # (glob, only folders, negated)

    @classmethod
    def at(cls, root: Path) -> "Ignored":
        """From the folder's own `.gitignore`; nothing where there is none."""
        try:
            lines = (read_small(root / ".gitignore") or b"").decode("utf-8", "replace").splitlines()
        except UserError:  # no plain file, or a huge one
            return cls()
        kept = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        return cls(tuple((p.removeprefix("!").rstrip("/"), p.endswith("/"), p.startswith("!")) for p in kept))

    def hides(self, relative: str, *, folder: bool) -> bool:
        """True for a path, relative to the root, that is not to be shown."""
        name, hidden = relative.rpartition("/")[2], name_is_noise(relative)
        for glob, only_folders, negated in self.patterns:
            if only_folders and not folder:
                continue
            whole = "/" in glob
            if fnmatchcase(relative if whole else name, glob.removeprefix("/").removeprefix("**/")):
                hidden = not negated
        return hidden


def name_is_noise(relative: str) -> bool:
    """True for what no listing should show unasked."""
    return relative.rpartition("/")[2] in (".git", "node_modules", "__pycache__", ".venv")


def walk(root: Path, ignored: Ignored, depth: int, veil: Veil) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every entry below `root` not hidden, folders first, down to `depth` levels; links are not followed.

    What a rule forbids to read is left out, links to it too, and folders that usually hold secrets aren't entered.
    """
    stack: list[tuple[str, int]] = [("", 1)]
    while stack:
        inner, level = stack.pop()
        try:
            with os.scandir(root / inner) as found:
                entries = sorted(found, key=lambda e: (not e.is_dir(follow_symlinks=False), e.name))
        except OSError:
            continue
        below: list[tuple[str, int]] = []
        for entry in entries:
            relative = f"{inner}/{entry.name}" if inner else entry.name
            folder = entry.is_dir(follow_symlinks=False)
            if ignored.hides(relative, folder=folder) or _veiled(entry, veil):
                continue
            yield relative, entry
            if folder and level < depth and not holds_secrets(entry.name):
                below.append((relative, level + 1))
        stack.extend(reversed(below))


def _veiled(entry: os.DirEntry[str], veil: Veil) -> bool:
    if veil.hides(entry.path, entry.inode()):
        return True
    return bool(veil.rules) and entry.is_symlink() and veil.hides(os.path.realpath(entry.path))
