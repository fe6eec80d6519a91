"""Simple commands of a bash line: assignments, words and redirections, and the heredocs that wait for their bodies."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vega_tui.approvals.shell_builtins import is_plain_test
from vega_tui.approvals.shell_found import Command, Found, Redirect, shell_in
from vega_tui.approvals.shell_words import ENDS, Unreadable, Words, heredoc, unjoined
from vega_tui.approvals.wrappers import DECLARERS, LOCALES, Word, is_reserved_variable, word_set

RESERVED: Final = word_set(
    "if then else elif fi do done case esac while until for select function { } ! [[ ]] time coproc"
)
REDIRECT = re.compile(r"(?:&>>?|\d*(?:<<<|<<-|<<|<>|<&|<(?!\()|>>|>&|>\||>(?!\()))", re.A)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[\d+\])?\+?=", re.A)
_ELEMENT = re.compile(r"[A-Za-z_]\w*\[", re.A)
_LOCALE = re.compile(r"(?:C|POSIX|(?:C|\w+)\.(?:UTF-8|utf8))", re.A)
_AFTER_ARRAY: Final = " \t\n;&|)"  # or the end
_MARK = re.compile(r"(?:'([\w.+-]+)'|\"([\w.+-]+)\"|(\\)?([\w.+-]+))(?=[ \t\n;&|<>)]|\Z)", re.A)


def _steers(name: str) -> bool:
    return name not in LOCALES and is_reserved_variable(name)  # the values of locales are looked at


@dataclass(slots=True)
class _Heredoc:
    """One whose body comes after the line."""

    mark: str
    tabs: bool
    expands: bool
    to_shell: bool = False


class Simple:
    """Reads simple commands of one text; `body` walks the text of a heredoc whose end isn't quoted."""

    def __init__(self, words: Words, found: Found, depth: int, body: Callable[[str], None]) -> None:
        self._in = words
        self._found = found
        self._depth = depth
        self._body = body
        self.pending: list[_Heredoc] = []

    def word(self) -> Word:
        """The next word; none that spans lines while a heredoc waits."""
        word = self._in.word()
        if self.pending and "\n" in word.text:
            raise Unreadable("a heredoc that waits for its body across lines")
        return word

    def no_heredoc_open(self) -> None:
        """Refuse a text that ends before the body of a heredoc."""
        if self.pending:
            raise Unreadable("a heredoc without a body")

    def lines(self) -> None:
        """Go over blanks and ends of lines; the bodies of heredocs are read where bash reads them."""
        self._in.skip()
        while self._in.next == "\n":
            self._in.at += 1
            pending, self.pending = self.pending, []
            for one in pending:
                body, self._in.at = heredoc(self._in.text, self._in.at, one.mark, tabs=one.tabs, expands=one.expands)
                if one.expands:
                    self._body(unjoined(body))
                if one.to_shell:
                    self._found.read(body, self._depth + 1)
            self._in.skip()

    def command(self, *, piped: bool) -> str:
        """Read one, up to what ends it. Gives the name where it turns out to be the head of a function."""
        words: list[Word] = []
        texts: list[str] = []
        names: list[str] = []
        mark = len(self._found.commands)
        waiting = len(self.pending)
        fed = opens = declares = False
        while True:
            self._in.skip()
            redirect = REDIRECT.match(self._in.text, self._in.at)
            if redirect:
                opens, fed = True, fed or "<" in redirect[0]
                self.redirect(redirect)
            elif self._in.next == "(" and len(words) == 1 and not names:
                self._in.at += 1
                self._in.skip()
                if self._in.next != ")":
                    raise Unreadable("a function whose name is not plain")
                self._in.at += 1
                return words[0].text
            elif not self._in.next or self._in.next in "\n;&|)":
                break
            elif assigned := self._assigned(words):
                texts.append(assigned[1])
                names.append(assigned[0])
            else:
                words.append(self._argument(declares=declares))
                declares = declares or words[-1].value in DECLARERS
        if not words and not names and not opens:
            raise Unreadable(f"can't be parsed at {self._in.text[self._in.at :][:20]!r}")
        command = self._command(words, names, texts, piped or fed)
        self._found.commands[mark:mark] = command
        for one in self.pending[waiting:]:
            one.to_shell = any(shell_in(each) for each in command)
        return ""

    def _assigned(self, words: list[Word]) -> tuple[str, str] | None:
        """An assignment in front of a command: its name and text."""
        start = self._in.at
        if words:
            return None
        if not (found := _ASSIGNMENT.match(self._in.text, start)):
            if _ELEMENT.match(self._in.text, start):
                raise Unreadable("uses an array element")
            return None
        self._value(found)
        if found[1] in LOCALES and not _LOCALE.fullmatch(self._in.text[found.end() : self._in.at]):
            self._found.note("sets a locale that may read text in another way")
        return found[1], self._in.text[start : self._in.at]

    def _value(self, found: re.Match[str]) -> None:
        self._in.at = found.end()
        if self._in.next == "(":
            self._array()
        elif self._in.next and (self._in.next not in ENDS or self._in.here("<(") or self._in.here(">(")):
            self.word()

    def _array(self) -> None:
        self._in.at += 1
        self._in.skip()
        while self._in.next != ")":
            if self._in.next == "[" or (self._in.next == "\n" and self.pending):
                raise Unreadable("uses an array element")
            if self._in.next == "\n":
                self.lines()
            else:
                self.word()
            self._in.skip()
        self._in.at += 1
        if self._in.next not in _AFTER_ARRAY:  # bash takes what is glued on for a part of the same word
            raise Unreadable("a list of values that goes on as a word")

    def _argument(self, *, declares: bool) -> Word:
        start = self._in.at
        if declares:
            if _ELEMENT.match(self._in.text, start):
                raise Unreadable("uses an array element")
            if (found := _ASSIGNMENT.match(self._in.text, start)) and self._in.text[found.end() :][:1] == "(":
                self._value(found)
                return Word(self._in.text[start : self._in.at], None)
        word = self.word()
        if self._in.next in ("<", ">") and re.fullmatch(r"\{.*\}", word.text, re.S):
            raise Unreadable("a redirection that sets a variable")
        return word

    def _command(self, words: list[Word], names: list[str], texts: list[str], piped: bool) -> list[Command]:
        if not words:
            assigned = [(name, text) for name, text in zip(names, texts, strict=True) if _steers(name)]
            return [Command(text=text, words=(), core=(), env=(name,), exact=True) for name, text in assigned]
        if words[0].text in RESERVED:
            raise Unreadable(f"can't be parsed at {words[0].text!r}")
        if words[0].text == "[" and not names:
            if not is_plain_test(words[1:-1]) or words[-1].text != "]":
                self._found.note("tests what only the run will know")
            return []
        text = " ".join([*texts, *(word.text for word in words)])
        found = Command(text=text, words=tuple(words), core=tuple(words), env=tuple(names), piped=piped)
        return [self._found.looked_into(found, self._depth)]

    def redirect(self, found: re.Match[str]) -> None:
        """Take a redirection, whose operator was found, with its file or the end of its heredoc."""
        operator = found[0].lstrip("0123456789")
        self._in.at = found.end()
        self._in.skip()
        if operator in ("<<", "<<-"):
            self._awaits(tabs=operator == "<<-")
            return
        word = self.word()
        if operator == "<<<" or (operator in (">&", "<&") and re.fullmatch(r"\d+-?|-", word.text, re.A)):
            return
        if operator in (">&", "<&") and not re.fullmatch(r"[\w./+-]+", word.text):  # bash expands such a name twice
            raise Unreadable(f"{operator} with a name that isn't plain")
        self._found.redirects.append(Redirect(word, writes=operator not in ("<", "<&")))

    def _awaits(self, *, tabs: bool) -> None:
        mark = _MARK.match(self._in.text, self._in.at)
        if mark is None:
            raise Unreadable("a heredoc whose end is not plain")
        self._in.at = mark.end()
        quoted = mark[1] or mark[2] or (mark[4] if mark[3] else "")
        self.pending.append(_Heredoc(quoted or mark[4], tabs=tabs, expands=not quoted))
