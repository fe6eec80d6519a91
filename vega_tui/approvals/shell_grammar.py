"""The grammar of bash lines, less what is rare: lists, pipes, groups, loops, functions and tests.

By recursive descent, after bash's own parse.y. What it does not know, it refuses by raising Unreadable.
"""

import re
from typing import Final

from vega_tui.approvals.shell_found import Command, Found
from vega_tui.approvals.shell_simple import REDIRECT, RESERVED, Simple
from vega_tui.approvals.shell_words import BLANKS, Unreadable, Words
from vega_tui.approvals.wrappers import is_reserved_variable, word_set

_KEYWORD = re.compile(r"[^\s;&|()<>'\"`$\\]+(?=[ \t\n;&|()<>]|\Z)")
_REGEX = re.compile(r"(?:\((?:[^\s()'\"`$\\;&<>]|\\\S)*\)|[^\s()'\"`$\\;&<>]|\\[^\n]|\$(?=[ \t)|]))+", re.A)
# These evaluate their operands as arithmetic, and arithmetic runs `$(…)` inside subscripts of plain strings.
_EVALUATING_TESTS: Final = word_set("-v -R -eq -ne -lt -le -gt -ge")


class Line:
    """One text read as a script, by recursive descent; the grammar is that of bash's parse.y, less what is rare."""

    def __init__(self, text: str, depth: int, found: Found) -> None:
        self._found = found
        self._depth = depth
        self._in = Words(text, self._inner, lambda script: found.read(script, depth + 1), found.note)
        self._simple = Simple(self._in, found, depth, self._expand)

    def whole(self) -> None:
        """Read all of it."""
        if self._list(frozenset()):
            raise Unreadable(f"can't be parsed at {self._in.text[self._in.at :][:20]!r}")
        self._simple.no_heredoc_open()

    def body(self) -> None:
        """Read all of it as the body of a heredoc."""
        self._in.body()

    def _inner(self) -> None:
        """A list within a substitution: its heredocs are its own, and those outside may not be waiting."""
        outer, self._simple.pending, start = self._simple.pending, [], self._in.at
        if self._list(frozenset()) != ")":
            raise Unreadable("a substitution that doesn't end")
        self._simple.no_heredoc_open()
        if outer and "\n" in self._in.text[start : self._in.at]:
            raise Unreadable("a heredoc that waits for its body across lines")
        self._simple.pending = outer

    # --- tokens ------------------------------------------------------------------------------------------

    def _keyword(self) -> str:
        """The bare word that comes next, not taken."""
        found = _KEYWORD.match(self._in.text, self._in.at)
        return found[0] if found else ""

    def _take(self, token: str) -> None:
        self._in.skip()
        taken = self._keyword() == token if token[0].isalpha() or token in ("{", "}", "]]") else self._in.here(token)
        if not taken:
            raise Unreadable(f"{token} is missing")
        self._in.at += len(token)

    def _expand(self, body: str) -> None:
        if self._depth >= 4:
            raise Unreadable("shells nested too deep")
        Line(body, self._depth + 1, self._found).body()

    # --- lists -------------------------------------------------------------------------------------------

    def _list(self, stops: frozenset[str]) -> str:
        """Read commands until a word of `stops`, `)`, `;;` or the end; what stopped it is given, not taken."""
        self._in.deeper()
        separated = True
        while True:
            self._simple.lines()
            ends = self._in.next in ("", ")") or self._in.here(";;") or self._in.here(";&")
            keyword = self._keyword()
            if ends or keyword in stops:
                self._in.depth -= 1
                return keyword if keyword in stops else self._in.text[self._in.at :][:1]
            if not separated:
                raise Unreadable(f"can't be parsed at {self._in.text[self._in.at :][:20]!r}")
            self._and_or()
            self._found.enough()
            self._in.skip()
            separated = self._in.next == "\n"
            if self._in.next in (";", "&") and not (self._in.here(";;") or self._in.here(";&")):
                self._in.at += 1
                separated = True
                if self._in.next in ("&", "|", ">") and self._in.text[self._in.at - 1] == "&":
                    raise Unreadable("an & that nothing comes before")

    def _and_or(self) -> None:
        self._pipeline()
        while self._in.here("&&") or self._in.here("||"):
            self._in.at += 2
            self._simple.lines()
            self._pipeline()

    def _pipeline(self) -> None:
        self._in.skip()
        while (keyword := self._keyword()) in ("!", "time"):
            self._in.at += len(keyword)
            self._in.skip()
            if keyword == "time" and self._keyword() == "-p":
                self._in.at += 2
                self._in.skip()
            if self._in.next == "-" or not self._in.next or self._in.next in "\n;&|)":
                raise Unreadable(f"uses {keyword} in a way we don't know")
        self._command(piped=False)
        self._in.skip()
        while self._in.next == "|" and not self._in.here("||"):
            self._in.at += 2 if self._in.here("|&") else 1
            self._simple.lines()
            self._command(piped=True)
            self._in.skip()

    def _command(self, *, piped: bool) -> None:
        self._in.skip()
        start = len(self._found.commands)
        keyword = self._keyword()
        compound = {
            "if": self._if, "while": self._loop, "until": self._loop, "for": self._for, "case": self._case,
            "function": self._function, "{": self._braces, "[[": self._test,
        }.get(keyword)  # fmt: skip
        if self._in.here("(("):
            raise Unreadable("calculates with (( ))")
        if keyword in ("coproc", "select"):  # read on, so that deny rules see what is behind
            self._found.note(f"uses {keyword}")
            self._in.at += len(keyword)
            self._command(piped=piped)
            return
        if self._in.next == "(":
            self._in.at += 1
            self._list(frozenset())
            self._take(")")
        elif compound is None:
            function = self._simple.command(piped=piped)
            if function:
                self._function_body(function)
            return
        else:
            self._in.at += len(keyword)
            compound()
        fed = False
        self._in.skip()
        while found := REDIRECT.match(self._in.text, self._in.at):
            fed = fed or "<" in found[0]
            self._simple.redirect(found)
            self._in.skip()
        if piped or fed:
            self._found.feed(start)

    # --- compounds ---------------------------------------------------------------------------------------

    def _if(self) -> None:
        self._list(frozenset({"then"}))
        self._take("then")
        stopped = self._list(frozenset({"elif", "else", "fi"}))
        if stopped == "elif":
            self._take("elif")
            self._if()
            return
        if stopped == "else":
            self._take("else")
            self._list(frozenset({"fi"}))
        self._take("fi")

    def _loop(self) -> None:
        self._list(frozenset({"do"}))
        self._do()

    def _do(self) -> None:
        self._take("do")
        self._list(frozenset({"done"}))
        self._take("done")

    def _for(self) -> None:
        self._in.skip()
        name = self._keyword()
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.A):
            raise Unreadable("a loop we don't know")
        self._in.at += len(name)
        if is_reserved_variable(name):
            self._found.commands.append(Command(text=f"{name}=…", words=(), core=(), env=(name,), exact=True))
        self._simple.lines()
        if self._keyword() == "in":
            self._in.at += 2
            self._in.skip()
            while self._in.next not in ("", ";", "\n"):
                self._simple.word()
                self._in.skip()
        if self._in.next == ";":
            self._in.at += 1
        self._simple.lines()
        self._do()

    def _case(self) -> None:
        self._in.skip()
        self._simple.word()
        self._simple.lines()
        self._take("in")
        self._simple.lines()
        while self._keyword() != "esac":
            if self._in.next == "(":
                self._in.at += 1
                self._in.skip()
            self._simple.word()
            self._in.skip()
            while self._in.next == "|":
                self._in.at += 1
                self._in.skip()
                self._simple.word()
                self._in.skip()
            self._take(")")
            if self._list(frozenset({"esac"})) == "esac":
                break
            self._in.at += 3 if self._in.here(";;&") else 2 if self._in.here(";;") or self._in.here(";&") else 0
            self._simple.lines()
            if self._in.next in ("", ")"):
                raise Unreadable("a case that doesn't end")
        self._take("esac")

    def _braces(self) -> None:
        self._list(frozenset({"}"}))
        self._take("}")

    def _function(self) -> None:
        self._in.skip()
        name = self._keyword()
        self._in.at += len(name)
        self._in.skip()
        if self._in.next == "(":
            self._in.at += 1
            self._take(")")
        self._function_body(name)

    def _function_body(self, name: str) -> None:
        if not re.fullmatch(r"[A-Za-z_][\w:.-]*", name, re.A) or name in RESERVED:
            raise Unreadable("a function whose name is not plain")
        self._simple.lines()
        if self._keyword() != "{" and (self._in.next != "(" or self._in.here("((")):
            raise Unreadable("a function whose body is no group")
        self._command(piped=False)

    def _test(self) -> None:
        while True:
            self._in.skip()
            if self._in.next in ("", "\n", ";", "&", "|") and not (self._in.here("&&") or self._in.here("||")):
                raise Unreadable("a test that doesn't end on its line")
            if self._keyword() == "]]":
                self._in.at += 2
                return
            if self._in.next in "()" or (self._in.next in "<>" and self._in.text[self._in.at + 1 :][:1] != "("):
                self._in.at += 1
            elif self._in.here("&&") or self._in.here("||"):
                self._in.at += 2
            else:
                operator = self._simple.word().text
                if operator in _EVALUATING_TESTS:
                    self._found.note(f"tests with {operator}")
                if operator in ("=~", "==", "=", "!="):
                    self._pattern(regex=operator == "=~")

    def _pattern(self, *, regex: bool) -> None:
        """The right side of a comparison: its parentheses and bars are no operators."""
        self._in.skip()
        found = _REGEX.match(self._in.text, self._in.at) if regex else None
        if found and self._in.text[found.end() : found.end() + 1] in (*BLANKS,):
            self._in.at = found.end()
        else:
            self._simple.word()
