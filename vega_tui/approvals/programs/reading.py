"""What a program's arguments come to, and how they are taken apart. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One argument list, read."""

    free: bool = False  # only reads what its words name: auto mode may let it pass
    acts: str = ""  # what it runs or writes beside its purpose: no prefix rule covers it
    harm: str = ""  # why its risk is high
    opaque: str = ""  # why nobody can tell what it runs, so that a deny rule may be met unseen
    said: tuple[str, ...] = ()  # more spellings under which deny and ask rules know it
    plain: str = ""  # the spelling under which allow rules know it too; empty: only as written
    scripts: tuple[str, ...] = ()  # texts that it would hand to a shell
    places: tuple[str, ...] = ()  # folders it works in instead of the work directory
    texts: tuple[str, ...] = ()  # words that are no names of files, whatever they look like
    behind: tuple[str, ...] = ()  # a program that it starts with these words


# Gets the words behind the program's name, values where they are known, and whether something is piped in.
Reader: TypeAlias = Callable[[Sequence[str], bool], Reading]

PLAIN: Final = Reading()
FREE: Final = Reading(free=True)


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a program: letters, letters with a value (`optional`: only when glued), names, names with a value."""

    letters: str = ""
    valued: str = ""
    optional: str = ""
    names: frozenset[str] = frozenset()
    valued_names: frozenset[str] = frozenset()


def options(
    letters: str = "", valued: str = "", names: str = "", valued_names: str = "", optional: str = ""
) -> Options:
    """The table of a program's options; names are written without their dashes, blanks between them."""
    return Options(letters, valued, optional, frozenset(names.split()), frozenset(valued_names.split()))


@dataclass(slots=True)
class Split:
    """Operands and options of an argument list; `strange` is the first option that the table doesn't know."""

    operands: list[str] = field(default_factory=list[str])
    given: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    strange: str = ""

    def has(self, *wanted: str) -> bool:
        """True when any of these options was given."""
        return any(name in wanted for name, _ in self.given)

    def values(self, *wanted: str) -> list[str]:
        """What was given with these options, in order."""
        return [value for name, value in self.given if name in wanted]


def split(args: Sequence[str], known: Options) -> Split:
    """Take `args` apart as getopt does, options among operands too. Only whole names are known: a shortened one
    could mean another tomorrow."""
    found = Split()
    rest = list(args)
    while rest and not found.strange:
        word = rest.pop(0)
        if word == "--":
            found.operands += rest
            break
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if name in known.valued_names:
                found.given.append((name, value if equals else rest.pop(0) if rest else ""))
            elif name in known.names:
                found.given.append((name, value))
            else:
                found.strange = word
        elif word.startswith("-") and len(word) > 1:
            _letters(word, rest, known, found)
        else:
            found.operands.append(word)
    return found


def _letters(word: str, rest: list[str], known: Options, found: Split) -> None:
    for at, letter in enumerate(word[1:], 1):
        behind = word[at + 1 :]
        if letter in known.valued:
            found.given.append((letter, behind or (rest.pop(0) if rest else "")))
            return
        if letter in known.optional:
            found.given.append((letter, behind))
            return
        if letter not in known.letters:
            found.strange = word
            return
        found.given.append((letter, ""))


def named(word: str, *names: str) -> str:
    """The first of the long options `names` (with dashes) that `word` is, or is the beginning of; else empty."""
    option = word.partition("=")[0]
    if not option.startswith("--") or len(option) < 3:
        return ""
    return next((name for name in names if name.startswith(option)), "")


def letter(word: str, wanted: str) -> str:
    """The first of the letters `wanted` within a short option or a cluster of them; else empty."""
    if not word.startswith("-") or word.startswith("--"):
        return ""
    return next((each for each in word[1:] if each in wanted), "")


def before_end(args: Sequence[str]) -> list[str]:
    """The words in which options count: those before `--`."""
    words = list(args)
    return words[: words.index("--")] if "--" in words else words
