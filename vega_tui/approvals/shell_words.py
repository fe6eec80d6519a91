"""Reads the words of a bash line as bash does: quotes, expansions, substitutions, the bodies of heredocs.

Every text that bash would expand is walked here, character by character; what isn't known to be harmless raises
Unreadable or is noted. What stands in substitutions goes to `commands` (in place) or `script` (as a new text).
"""

import re
from collections.abc import Callable
from typing import Final

from vega_tui.approvals.wrappers import Word, is_reserved_variable

BLANKS: Final = " \t"
ENDS: Final = " \t\n;&|()<>"  # what ends a word that isn't quoted
_DEEPEST: Final = 20

_NUMBERS_ONLY = re.compile(r"\$\(\(([\d \t+*/%<>=!&|^~?:,-]|\([\d \t+*/%-]*\))*\)\)")
_ANY_ARITHMETIC = re.compile(r"\$\(\([^()'\"`$\\]*\)\)")
_PARAMETER = re.compile(
    r"\$\{(?P<size>#)?(?P<name>[A-Za-z_]\w*|\d+)(?:\[(?:[@*]|\d+)\])?|\$\{(?P<special>[@*?#!$-])(?=\})", re.A
)
_OPERATOR = re.compile(r":?[-+=?]|##?|%%?|/[/#%]?|\^\^?|,,?")
_SLICE = re.compile(r":[ \t]*-?\d+([ \t]*:[ \t]*-?\d+)?(?=\})", re.A)
_NAME = re.compile(r"[A-Za-z_]\w*|\d", re.A)
_ESCAPES: Final = dict(zip("abeEfnrtv\\'\"?", "\a\b\x1b\x1b\f\n\r\t\v\\'\"?", strict=True))
_ANSI = re.compile(r"\\(?:x([\da-fA-F]{1,2})|u([\da-fA-F]{1,4})|U([\da-fA-F]{1,8})|([0-7]{1,3})|(.))", re.S)


class Unreadable(Exception):
    """The line, or the rest of it, can't be read for sure."""


class Words:
    """A text and how far it is read. `commands` reads a list in place and stops before its `)`."""

    def __init__(
        self, text: str, commands: Callable[[], None], script: Callable[[str], None], note: Callable[[str], None]
    ) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self._commands = commands
        self._script = script
        self._note = note

    def here(self, text: str) -> bool:
        """True when `text` comes next."""
        return self.text.startswith(text, self.at)

    @property
    def next(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]

    def deeper(self) -> None:
        """Count one level of nesting; who calls it takes it back."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unreadable("nested too deep")

    def skip(self) -> None:
        """Go over blanks, joined lines and a comment."""
        while self.at < len(self.text):
            before = self.text[self.at - 1 : self.at]
            if self.next in BLANKS:
                self.at += 1
            elif self.here("\\\n"):
                after = self.text[self.at + 2 : self.at + 3]
                if before not in (*BLANKS, "\n", "") and after not in (*BLANKS, "\n", ""):
                    raise Unreadable("a token that goes on in the next line")
                self.at += 2
            elif self.next == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def word(self) -> Word:
        """The word that starts here. Raises Unreadable when none does."""
        start, known, splits = self.at, True, False
        value: list[str] = []
        bare: list[str] = []  # as the word, what is quoted hidden: what braces, tildes and globs see
        while (char := self.next) and not (char in ENDS and not (char in "<>" and self._substitutes())):
            if self.here("\\\n"):
                if self.text[self.at + 2 : self.at + 3] not in (*BLANKS, "\n", ""):
                    raise Unreadable("a word that goes on in the next line")
                break
            if char in "<>":
                self._substitution(2)
                known = False
            elif char not in "\\'\"`$":
                value.append(char)
                bare.append(char)
                self.at += 1
            else:
                piece, several = self._piece(char)
                known, splits = known and piece is not None, splits or several
                value.append(piece or "")
                bare.append("$" if several or piece is None else "\0")
        text, shape = self.text[start : self.at], "".join(bare)
        if not text:
            raise Unreadable(f"can't be parsed at {self.text[start : start + 20]!r}")
        glob = bool(re.search(r"[*?\[]", shape))
        within = shape[shape.find("{") : shape.rfind("}") + 1] if "{" in shape else ""
        braces = "," in within or ".." in within
        # ~name and ~+ are folders we don't know
        known = known and not braces and not re.match(r"~[^/]", shape)
        return Word(text, "".join(value) if known else None, glob, splits or glob or braces)

    def _substitutes(self) -> bool:
        return self.text[self.at + 1 : self.at + 2] == "("

    def _piece(self, char: str) -> tuple[str | None, bool]:
        """A quoted or expanded part: its text where it is literal, and whether it may become several words."""
        if char == "\\":
            if self.at + 1 >= len(self.text):
                raise Unreadable("ends in a backslash")
            self.at += 2
            return self.text[self.at - 1], False
        if char == "'":
            return self._single(), False
        if char == '"':
            return self._double()
        if char == "`":
            self._backquotes(quoted=False)
            return None, True
        return self._dollar(quoted=False)

    def _single(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Unreadable("a quote that doesn't end")
        start, self.at = self.at + 1, end + 1
        return self.text[start:end]

    def _double(self) -> tuple[str | None, bool]:
        self.at += 1
        value: list[str] = []
        known, several = True, False
        while (char := self.next) != '"':
            if not char:
                raise Unreadable("a quote that doesn't end")
            piece, splits = self._quoted(char)
            value.append(piece or "")
            known, several = known and piece is not None, several or splits
        self.at += 1
        return ("".join(value) if known else None), several

    def _quoted(self, char: str) -> tuple[str | None, bool]:
        """One step through text that is expanded as within double quotes."""
        if char == "\\":
            after = self.text[self.at + 1 : self.at + 2]
            self.at += 2
            return ("" if after == "\n" else after if after and after in '$`"\\' else char + after), False
        if char == "`":
            self._backquotes(quoted=True)
            return None, False
        if char == "$":
            return self._dollar(quoted=True)
        self.at += 1
        return char, False

    def _backquotes(self, *, quoted: bool) -> None:
        inner: list[str] = []
        self.at += 1
        while (char := self.next) != "`":
            after = self.text[self.at + 1 : self.at + 2]
            if not char or (char == "\\" and not after):
                raise Unreadable("a backquote that doesn't end")
            if char != "\\":
                inner.append(char)
            elif after in "\\`$" or (quoted and after == '"'):
                inner.append(after)
            else:
                inner.append(char + after)
            self.at += 1 if char != "\\" else 2
        self.at += 1
        self._script("".join(inner))

    def _substitution(self, opening: int) -> None:
        self.at += opening
        self.deeper()
        self._commands()
        self.depth -= 1
        if self.next != ")":
            raise Unreadable("a substitution that doesn't end")
        self.at += 1

    def _dollar(self, *, quoted: bool) -> tuple[str | None, bool]:
        after = self.text[self.at + 1 : self.at + 2]
        if self.here("$(("):
            self._arithmetic()
            return None, False
        if after == "(":
            self._substitution(2)
            return None, not quoted
        if after == "{":
            return None, self._expansion(quoted=quoted)
        if after == "[" or self.here("$\\\n"):
            raise Unreadable("calculates with $[ ]" if after == "[" else "a $ that goes on in the next line")
        if after == "'" and not quoted:
            return self._ansi(), False
        if after == '"' and not quoted:  # translated: a catalogue says what it becomes
            self.at += 1
            self._double()
            return None, False
        if name := _NAME.match(self.text, self.at + 1):
            self.at = name.end()
            return None, not quoted
        if after and after in "@*#?$!-":
            self.at += 2
            return None, after == "@" or (not quoted and after in "*!-")
        self.at += 1
        return "$", False

    def _arithmetic(self) -> None:
        """Only numbers: a variable may hold `a[$(…)]`, which arithmetic would run."""
        if found := _NUMBERS_ONLY.match(self.text, self.at) or _ANY_ARITHMETIC.match(self.text, self.at):
            if re.search(r"[A-Za-z_\[]", found[0]):
                self._note("calculates with variables")
            self.at = found.end()
            return
        raise Unreadable("calculates with variables")

    def _ansi(self) -> str | None:
        match = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.S).match(self.text, self.at)
        if match is None:
            raise Unreadable("a quote that doesn't end")
        self.at = match.end()
        known = True

        def decoded(escape: re.Match[str]) -> str:
            nonlocal known
            code = escape[1] or escape[2] or escape[3]
            number = int(code, 16) if code else int(escape[4], 8) if escape[4] else -1
            if number < 0 and escape[5] in _ESCAPES:
                return _ESCAPES[escape[5]]
            if 0 < number < 0x80:
                return chr(number)
            known = False
            return ""

        value = _ANSI.sub(decoded, match[1])
        return value if known else None

    def _expansion(self, *, quoted: bool) -> bool:
        """Go over `${…}`. True when it may become several words."""
        start = self.at
        head = _PARAMETER.match(self.text, start)
        if head is None:
            raise Unreadable(f"expands {self.text[start : start + 40]}")
        self.at = head.end()
        several = (not quoted and head["special"] not in ("#", "?")) or "@" in head[0]
        if self.next == "}":
            self.at += 1
            return several and not head["size"]
        if found := re.compile(r"@[A-Za-z](?=\})").match(self.text, self.at):
            self._note(f"expands {self.text[start : found.end() + 1][:40]}")
        elif not (found := _OPERATOR.match(self.text, self.at) or _SLICE.match(self.text, self.at)) or head["size"]:
            raise Unreadable(f"expands {self.text[start : start + 40]}")
        if found[0] in ("=", ":=") and is_reserved_variable(head["name"]):
            self._note(f"sets {head['name']}")
        self.at = found.end()
        self.deeper()
        self._operand(quoted=quoted)
        self.depth -= 1
        return several or "@" in self.text[start : self.at]

    def _operand(self, *, quoted: bool) -> None:
        while (char := self.next) != "}":
            after = self.text[self.at + 1 : self.at + 2]
            # Versions and contexts of bash disagree on these within an operand.
            if not char or char in "{\n" or (char in "<>" and after == "("):
                raise Unreadable("an expansion whose operand isn't plain")
            if quoted and (char in "'\"" or (char == "\\" and (not after or after in "'\"`\n"))):
                raise Unreadable("quotes within an expansion within quotes")
            if char == "\\" and after in ("", "\n"):
                raise Unreadable("an expansion that goes on in the next line")
            if quoted:
                self._quoted(char)
            elif char in "\\'\"`$":
                self._piece(char)
            else:
                self.at += 1
        self.at += 1

    def body(self) -> None:
        """Walk the whole text as the body of a heredoc whose end isn't quoted."""
        while char := self.next:
            if char == "`" and '\\"' in self.text:
                raise Unreadable("quoted quotes within backquotes within a heredoc")
            if char == "\\":
                self.at += 2
            else:
                self._quoted(char)


def heredoc(text: str, at: int, mark: str, *, tabs: bool, expands: bool) -> tuple[str, int]:
    """The body that starts at `at`, and where the line after its end starts. Raises where nobody could be sure."""
    lines: list[str] = []
    while at < len(text):
        end = text.find("\n", at)
        line, at = (text[at:], len(text)) if end < 0 else (text[at:end], end + 1)
        line = line.lstrip("\t") if tabs else line
        joined = expands and bool(lines) and re.search(r"(?<!\\)(\\\\)*\\$", lines[-1]) is not None
        if line == mark and not joined:
            return "\n".join([*lines, ""]), at
        if re.match(rf"{re.escape(mark)}(?!\w)", line.strip()):
            raise Unreadable("a heredoc whose end is not plain")
        lines.append(line)
    raise Unreadable("a heredoc that doesn't end")


def unjoined(body: str) -> str:
    """A heredoc's body with joined lines joined, as bash expands it."""
    if re.search(r"\$\\\n", body):
        raise Unreadable("a $ that goes on in the next line")
    return re.sub(r"(?<!\\)((?:\\\\)*)\\\n", r"\1", body)
