"""Takes a bash command line apart into every command that it would run. Judges nothing; runs nothing.

Only constructs this file knows are accepted: what it doesn't know makes the whole line unjudgeable, so a hole
in our reading asks instead of passing. Grammar: tree-sitter-bash, imported at first use.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from vega_tui.approvals.wrappers import (
    CARRIERS,
    EVALUATORS,
    SHELLS,
    SHIFTERS,
    Word,
    inner_script,
    is_reserved_variable,
    strip_wrappers,
    word_set,
)

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_LENGTH: Final = 10_000
MAX_COMMANDS: Final = 100  # nobody reads more than that, and judging them must not hold up the host

# Node types whose children are read as usual. Anything else that has a name is refused.
_PLAIN: Final = word_set(
    "program list pipeline subshell compound_statement if_statement elif_clause else_clause while_statement "
    "do_group case_statement case_item function_definition redirected_statement negated_command comment "
    "command_substitution process_substitution command_name word number string string_content raw_string "
    "ansi_c_string translated_string concatenation simple_expansion variable_name special_variable_name "
    "array file_descriptor heredoc_start heredoc_body heredoc_content heredoc_end extglob_pattern "
    "brace_expression regex unary_expression binary_expression parenthesized_expression test_operator "
    "subscript"
)
# These evaluate their operands as arithmetic, and arithmetic runs `$(…)` inside subscripts of plain strings.
_EVALUATING_TESTS: Final = frozenset({"-v", "-R", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_SAFE_EXPANSION = re.compile(
    r"\$\{#?(?:[A-Za-z_][A-Za-z_0-9]*|[0-9]+|[@*?#!$-])\}|\$\{[A-Za-z_][A-Za-z_0-9]*(?::?[-+]|##?|%%?).*\}", re.S
)
_BRACES = re.compile(r"\{[^{}]*(,|\.\.)[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command. `core` is what is left behind harmless wrappers such as `timeout 5`."""

    text: str
    words: tuple[Word, ...]
    core: tuple[Word, ...]
    env: tuple[str, ...] = ()  # names of variables set in front of it
    piped: bool = False  # its input is the output of another command
    exact: bool = False  # runs another program by itself: only a rule with the whole text can allow it
    opaque: str = ""  # why nobody can tell what it runs; empty: one can

    @property
    def name(self) -> str:
        """The program as written, behind wrappers; empty when it isn't literal."""
        return (self.core[0].value or "") if self.core else ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """A file that the shell itself opens."""

    target: Word
    writes: bool


@dataclass(frozen=True, slots=True)
class Parsed:
    """All commands of a line, however deep, and the files its redirections open."""

    commands: tuple[Command, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    problem: str = ""  # why the line as a whole can't be judged; empty: it can

    @property
    def moves(self) -> bool:
        """True when the line changes its directory, so that relative paths mean something else after it."""
        return any(command.name in ("cd", "pushd", "popd") for command in self.commands)


def segments(command: str) -> Parsed:
    """Every command that `command` would run: in pipes, lists, substitutions, functions, heredocs to shells."""
    if len(command) > MAX_LENGTH:
        return Parsed(problem=f"longer than {MAX_LENGTH} characters")
    if "\0" in command:
        return Parsed(problem="holds a null byte")
    parsed = _parse(command, depth=0)
    if len(parsed.commands) + len(parsed.redirects) > MAX_COMMANDS:
        return replace(
            parsed,
            commands=parsed.commands[:MAX_COMMANDS],
            redirects=parsed.redirects[:MAX_COMMANDS],
            problem=f"more than {MAX_COMMANDS} commands",
        )
    return parsed


def _parse(command: str, depth: int) -> Parsed:
    source = command.encode("utf-8", "replace")
    root = _parser().parse(source).root_node
    if root.has_error:
        return Parsed(problem="can't be parsed")
    if not _covers(root, source):
        return Parsed(problem="can't be parsed whole")
    reading = _Reading(depth)
    reading.walk(root, piped=False)
    return Parsed(tuple(reading.commands), tuple(reading.redirects), reading.problem)


@cache
def _parser() -> "Parser":
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def _covers(root: "Node", source: bytes) -> bool:
    """True when every byte that isn't blank belongs to a token: nothing was skipped silently."""
    gaps = bytearray(source)
    stack = [root]
    while stack:
        node = stack.pop()
        if node.child_count and node.type not in ("string", "heredoc_body"):
            stack.extend(node.children)
        else:
            gaps[node.start_byte : node.end_byte] = b" " * (node.end_byte - node.start_byte)
    return not gaps.replace(b"\\\n", b"").strip()


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "replace")


@dataclass(slots=True)
class _Reading:
    """One walk over a syntax tree, collecting."""

    depth: int
    commands: list[Command] = field(default_factory=list[Command])
    redirects: list[Redirect] = field(default_factory=list[Redirect])
    problem: str = ""

    def refuse(self, why: str) -> None:
        self.problem = self.problem or why

    def walk(self, node: "Node", piped: bool) -> None:
        match node.type:
            case "command":
                self._command(node, piped)
            case "pipeline":
                for index, child in enumerate(node.named_children):
                    self.walk(child, piped or index > 0)
                return
            case "file_redirect":
                self._redirect(node)
            case "heredoc_redirect" | "herestring_redirect":
                if not _plain_end(node):
                    self.refuse("a heredoc whose end is not plain")
                piped = True  # a pipe that follows on the heredoc's first line hangs below it in this grammar
            case "redirected_statement":
                fed = any(child.type in ("heredoc_redirect", "herestring_redirect") for child in node.children)
                body = node.child_by_field_name("body")
                for child in node.children:
                    self.walk(child, piped or (fed and child == body))
                return
            case "variable_assignment" | "for_statement":
                self._assignment(node)
            case "declaration_command" | "unset_command":
                words = tuple(_word(child) for child in node.children)
                self.commands.append(Command(text=_text(node), words=words, core=words))
                for child in node.named_children:  # assignments in it are judged with it, not by themselves
                    for part in child.named_children if child.type == "variable_assignment" else (child,):
                        self.walk(part, piped)
                return
            case "test_command":
                self._test(node)
            case "expansion":
                if not _SAFE_EXPANSION.fullmatch(_text(node)):
                    self.refuse(f"expands {_text(node)[:40]}")
            case "arithmetic_expansion":
                if re.search(r"[A-Za-z_$`]", _text(node)[1:]):
                    self.refuse("calculates with variables")
                return
            case "subscript":
                self.refuse("uses an array element")
            case kind if node.is_named and kind not in _PLAIN:
                self.refuse(f"uses {kind.replace('_', ' ')}")
            case _:
                pass
        for child in node.children:
            self.walk(child, piped)

    def _command(self, node: "Node", piped: bool) -> None:
        words: list[Word] = []
        env: list[str] = []
        for child in node.children:
            if child.type == "variable_assignment":
                env.append(_text(child).partition("=")[0].rstrip("+"))
            elif child.type in ("herestring_redirect", "heredoc_redirect"):
                piped = True
            elif child.type != "file_redirect":
                words.append(_word(child.named_children[0] if child.type == "command_name" else child))
        if not words:
            return
        core, unclear = strip_wrappers(tuple(words))
        text = " ".join(_text(c) for c in node.children if c.type == "variable_assignment")
        text = f"{text} {joined(words)}".strip()
        found = Command(text=text, words=tuple(words), core=core, env=tuple(env), piped=piped)
        self.commands.append(self._looked_into(found, unclear))

    def _looked_into(self, found: Command, unclear: str) -> Command:
        if unclear:
            return replace(found, exact=True, opaque=unclear)
        name = found.name.rpartition("/")[2]
        if not name or re.search(r"\s", name):
            return replace(found, exact=True, opaque="the program's name is not literal")
        if name in EVALUATORS:
            if name == "eval" and all(word.value is not None for word in found.core):
                self._script(" ".join(word.value or "" for word in found.core[1:]))
            return replace(found, exact=True, opaque=f"{name} runs text as a command")
        for index, word in enumerate(found.core):
            if (word.value or "").rpartition("/")[2] in SHELLS and (index == 0 or name in SHIFTERS):
                script = inner_script(found.core[index:])
                if script is None:
                    return replace(found, exact=True, opaque=f"{word.value} runs text that is not literal")
                if script:
                    self._script(script)
                elif found.piped:
                    return replace(found, exact=True, opaque=f"{word.value} runs what it is fed")
                break
        finds = name == "find" and any((w.value or "$")[:5] in ("-exec", "-ok", "-okdi", "-dele") for w in found.core)
        return replace(found, exact=found.exact or name in CARRIERS or finds)

    def _script(self, text: str) -> None:
        if self.depth >= 4:
            self.refuse("shells nested too deep")
            return
        inner = _parse(text, self.depth + 1)
        self.commands.extend(inner.commands)
        self.redirects.extend(inner.redirects)
        if inner.problem:
            self.refuse(inner.problem)

    def _redirect(self, node: "Node") -> None:
        operator = next((c.type for c in node.children if not c.is_named), "")
        for child in node.named_children:
            if child.type == "file_descriptor":
                continue
            word = _word(child)
            if operator in (">&", "<&") and re.fullmatch(r"\d+-?|-", word.text):
                continue
            self.redirects.append(Redirect(word, writes=operator not in ("<", "<&")))

    def _assignment(self, node: "Node") -> None:
        if node.parent is not None and node.parent.type == "command":
            return  # told by the command's `env`
        variable = node.child_by_field_name("variable") or node.child_by_field_name("name")
        name = _text(variable) if variable is not None else ""
        if is_reserved_variable(name):
            text = _text(node) if node.type == "variable_assignment" else f"{name}=…"
            self.commands.append(Command(text=text, words=(), core=(), env=(name,), exact=True))

    def _test(self, node: "Node") -> None:
        strict = _text(node).startswith("[[")
        stack = list(node.children)
        while stack:
            child = stack.pop()
            operator = _text(child) if child.child_count == 0 else ""
            if operator in ("-v", "-R") or (strict and operator in _EVALUATING_TESTS):
                self.refuse(f"tests with {operator}")
            stack.extend(child.children)


def _plain_end(node: "Node") -> bool:
    """True when nobody can be of two minds where a heredoc ends."""
    parts = {child.type: _text(child) for child in node.children}
    mark = re.fullmatch(r"(['\"]?)(\w+)\1", parts.get("heredoc_start", "EOF"))
    return mark is not None and mark[2] not in (line.strip() for line in parts.get("heredoc_body", "").split("\n"))


def joined(words: Iterable[Word]) -> str:
    """The words as written, one blank between them."""
    return " ".join(word.text for word in words)


def _word(node: "Node") -> Word:
    text = _text(node)
    match node.type:
        case "raw_string":
            return Word(text, text[1:-1])
        case "string":
            if any(child.type != "string_content" for child in node.named_children):
                return Word(text, None)
            return Word(text, re.sub(r'\\([$`"\\])|\\\n', r"\1", text[1:-1]))
        case "concatenation":
            if _BRACES.search(text):
                return Word(text, None)
            parts = [_word(child) for child in node.named_children]
            values = [part.value for part in parts if part.value is not None]
            whole = len(values) == len(parts) and sum(len(part.text) for part in parts) == len(text)
            return Word(text, "".join(values) if whole else None, any(part.glob for part in parts))
        case "word" | "number" | "variable_name" | "test_operator":
            if _BRACES.search(text) or re.match(r"~[^/]", text):  # ~name and ~+ are folders we don't know
                return Word(text, None)
            bare = re.sub(r"\\.", "", text, flags=re.S)
            return Word(text, re.sub(r"\\(\n|.)", _unescape, text, flags=re.S), bool(re.search(r"[*?\[]", bare)))
        case _:
            return Word(text, text if not node.is_named else None)


def _unescape(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]
