"""Four tints for code (kw, str, num, com, and fn for a defined name), one line at a time.

Not a parser: a scanner by language family whose only memory between lines is the open comment or string,
so lines of a block that is still being written can be frozen one by one.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from vega_tui.tui.paint.cells import Line

_PY = (
    "False None True and as assert async await break class continue def del elif else except finally for "
    "from global if import in is lambda nonlocal not or pass raise return try while with yield match case "
    "self"
)
_C = (
    "break case catch class const constexpr continue default delete do else enum export extends extern "
    "false finally for function if import in instanceof interface let new null nullptr of package private "
    "protected public return static struct super switch template this throw true try type typedef typeof "
    "undefined union unsigned using var virtual void volatile while yield async await namespace "
    "implements int long short char float double bool boolean string auto final abstract readonly"
)
_GO = (
    "break case chan const continue default defer else fallthrough false for func go goto if import "
    "interface map nil package range return select struct switch true type var error string int bool byte"
)
_RUST = (
    "as async await break const continue crate dyn else enum extern false fn for if impl in let loop "
    "match mod move mut pub ref return self Self static struct super trait true type unsafe use where "
    "while Some None Ok Err"
)
_SH = (
    "if then else elif fi for while until do done case esac in function return exit local export set "
    "unset source cd echo sudo alias"
)
_SQL = (
    "select from where and or not insert into values update set delete create table index view drop alter "
    "add join left right inner outer on group by order having limit offset as distinct union all null is "
    "in like between exists primary key foreign references default begin commit rollback with case when "
    "then else end asc desc"
)
_RUBY = (
    "def end class module if elsif else unless while until for in do begin rescue ensure return yield "
    "self nil true false and or not require include attr_reader attr_accessor puts then case when"
)
_ELIXIR = (
    "def defp defmodule do end if else case cond when fn use import alias require true false nil with "
    "receive after raise rescue try catch spawn send self"
)
_LUA = "and break do else elseif end false for function goto if in local nil not or repeat return then true until while"
_JSON = "true false null"
_YAML = "true false null yes no on off"


@dataclass(frozen=True, slots=True)
class Language:
    """How one family of languages is scanned."""

    words: frozenset[str]
    comment: str = "#"  # opens a comment to the end of the line
    block: tuple[str, str] | None = None
    triple: bool = False  # Python's long strings
    quotes: str = "\"'"
    any_case: bool = False
    defines: frozenset[str] = frozenset()
    keys: bool = False  # `name:` is a key


def _language(words: str, **options: object) -> Language:
    return Language(frozenset(words.split()), **options)  # pyright: ignore[reportArgumentType]  # literals below


_DEFINES = frozenset({"def", "class", "func", "fn", "function", "struct", "trait", "defp", "defmodule", "interface"})
_SLASH = ("/*", "*/")
_C_LIKE = _language(_C, comment="//", block=_SLASH, quotes="\"'`", defines=_DEFINES)
_FAMILIES: dict[str, Language] = {
    "python": _language(_PY, triple=True, defines=_DEFINES),
    "c": _C_LIKE,
    "go": _language(_GO, comment="//", block=_SLASH, quotes="\"'`", defines=_DEFINES),
    "rust": _language(_RUST, comment="//", block=_SLASH, quotes='"', defines=_DEFINES),
    "sh": _language(_SH, defines=frozenset({"function"})),
    "sql": _language(_SQL, comment="--", block=_SLASH, any_case=True),
    "ruby": _language(_RUBY, defines=_DEFINES),
    "elixir": _language(_ELIXIR, triple=True, defines=_DEFINES),
    "lua": _language(_LUA, comment="--", defines=_DEFINES),
    "json": _language(_JSON, comment="", quotes='"'),
    "yaml": _language(_YAML, keys=True),
    "css": _language("important", comment="", block=_SLASH),
    "html": _language("", comment="", block=("<!--", "-->")),
}
_NAMES: dict[str, str] = {
    **dict.fromkeys(("python", "py", "python3", "pyi", "pycon"), "python"),
    **dict.fromkeys(
        ("c", "h", "cpp", "c++", "cc", "hpp", "java", "js", "javascript", "jsx", "ts", "typescript", "tsx",
         "cs", "csharp", "kotlin", "kt", "swift", "scala", "php", "dart"),
        "c",
    ),
    **dict.fromkeys(("go", "golang"), "go"),
    **dict.fromkeys(("rust", "rs"), "rust"),
    **dict.fromkeys(("sh", "bash", "zsh", "shell", "console", "fish", "makefile", "make", "dockerfile"), "sh"),
    **dict.fromkeys(("sql", "sqlite", "postgresql", "psql"), "sql"),
    **dict.fromkeys(("ruby", "rb"), "ruby"),
    **dict.fromkeys(("elixir", "ex", "exs", "erlang", "erl"), "elixir"),
    "lua": "lua",
    **dict.fromkeys(("json", "jsonl", "json5"), "json"),
    **dict.fromkeys(("yaml", "yml", "toml", "ini", "cfg"), "yaml"),
    **dict.fromkeys(("css", "scss", "less"), "css"),
    **dict.fromkeys(("html", "xml", "svg", "vue"), "html"),
}  # fmt: skip


def language_of(name: str) -> Language | None:
    """The language that a fence's info word or a file's ending names; None paints plain text."""
    family = _NAMES.get(name.strip().lower())
    return _FAMILIES[family] if family else None


@lru_cache(64)
def _scanner(language: Language) -> re.Pattern[str]:
    parts: list[str] = []
    if language.block:
        parts.append(f"(?P<block>{re.escape(language.block[0])})")
    if language.comment:
        parts.append(f"(?P<com>{re.escape(language.comment)}.*)")
    if language.triple:
        parts.append("(?P<long>[rbfRBF]{0,2}(?:\"\"\"|'''))")
    quotes = "|".join(f"{q}(?:[^{q}\\\\]|\\\\.)*{q}?" for q in language.quotes)
    parts.append(f"(?P<str>{quotes})")
    parts.append(r"(?P<num>\b(?:0[xXbBoO][0-9a-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)\b)")
    if language.keys:
        parts.append(r"(?P<key>^\s*(?:- )?[\w.\-/]+(?=\s*[:=]))")
    parts.append(r"(?P<word>[A-Za-z_]\w*)")
    return re.compile("|".join(parts))


def tint(line: str, language: Language | None, state: str = "") -> tuple[Line, str]:
    """One line's spans, and the state for the next line: the text that will close what is open, or empty."""
    if language is None:
        return [(line, "text")], ""
    out: Line = []
    at = 0
    if state:
        end = line.find(state)
        style = "com" if language.block and state == language.block[1] else "str"
        if end < 0:
            return [(line, style)], state
        at = end + len(state)
        out.append((line[:at], style))
    scanner = _scanner(language)
    defining = False
    while match := scanner.search(line, at):
        if match.start() > at:
            out.append((line[at : match.start()], "text"))
        at = match.end()
        kind, text = match.lastgroup or "", match.group()
        if kind in ("block", "long"):
            closing = language.block[1] if kind == "block" and language.block else text[-3:]
            style = "com" if kind == "block" else "str"
            end = line.find(closing, at)
            if end < 0:
                out.append((line[match.start() :], style))
                return out, closing
            at = end + len(closing)
            out.append((line[match.start() : at], style))
        elif kind == "word":
            folded = text.lower() if language.any_case else text
            if folded in language.words:
                out.append((text, "kw"))
                defining = folded in language.defines
                continue
            out.append((text, "fn bold" if defining else "text"))
        else:
            out.append((text, "kw" if kind == "key" else kind))
        defining = False
    if at < len(line):
        out.append((line[at:], "text"))
    return out, ""
