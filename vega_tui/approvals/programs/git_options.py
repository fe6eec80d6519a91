"""Tables of git's words: which verbs are its own, which options run or write, which only read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vega_tui.approvals.wrappers import word_set

GLOBAL_FLAGS: Final = word_set(
    "--no-pager -P --no-optional-locks --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs "
    "--no-replace-objects --no-lazy-fetch --no-advice --version -v --exec-path --html-path --man-path --info-path"
)
# Settings that can be given for one call without any effect but on what is printed, or on who commits.
HARMLESS_KEYS: Final = word_set(
    "core.quotepath color.ui color.diff color.status color.branch color.log advice.detachedhead "
    "init.defaultbranch user.name user.email log.date log.decorate diff.noprefix diff.mnemonicprefix diff.renames "
    "diff.algorithm status.short status.branch push.default pull.rebase pull.ff core.abbrev column.ui "
    "commit.gpgsign tag.gpgsign core.autocrlf core.eol core.filemode fetch.prune rebase.autostash "
    "merge.conflictstyle blame.date diff.context grep.linenumber"
)
# git's own verbs that do what they say. Not here: those that exist to run something else, and those that can be
# an alias in one version of git or another.
VERBS: Final = word_set(
    "add am annotate apply archive bisect blame branch bundle cat-file check-attr check-ignore check-mailmap "
    "check-ref-format checkout checkout-index cherry cherry-pick clean clone commit commit-graph commit-tree config "
    "count-objects describe diff diff-files diff-index diff-tree fetch for-each-ref format-patch fsck gc grep "
    "hash-object init log ls-files ls-remote ls-tree maintenance merge merge-base merge-file merge-tree mktree mv "
    "name-rev notes pack-refs patch-id prune pull push range-diff read-tree rebase reflog remote repack rerere reset "
    "restore rev-list rev-parse revert rm shortlog show show-branch show-ref sparse-checkout stage stash status "
    "stripspace submodule switch symbolic-ref tag update-index update-ref verify-commit verify-pack verify-tag "
    "version worktree write-tree"
)
STRATEGIES: Final = word_set("merge rebase pull cherry-pick revert am")


@dataclass(frozen=True, slots=True)
class Running:
    """Options that run or write; `script`: their value goes to a shell."""

    why: str
    names: tuple[str, ...]
    letters: str = ""
    script: bool = False


RUNNING_OPTIONS: Final[Mapping[str, tuple[Running, ...]]] = {
    "": (
        Running("runs a program on the other side", ("--upload-pack", "--receive-pack"), script=True),
        Running("runs a program", ("--exec", "--ext-diff", "--open-files-in-pager"), script=True),
        Running("runs what git's configuration names", ("--textconv", "--filters", "--show-signature")),
        Running("writes the file it names", ("--output",)),
        Running("merges with what git's configuration names", ("--remerge-diff",)),
        Running("works in repositories inside this one", ("--recurse-submodules",)),
    ),
    "rebase": (Running("runs a command after every commit", ("--exec",), "x", script=True),),
    "grep": (Running("opens what it finds in a pager", ("--open-files-in-pager",), "O", script=True),),
    "clone": (
        Running("runs a program on the other side", ("--upload-pack",), "u", script=True),
        Running("sets git's configuration", ("--config",), "c"),
        Running("takes hooks from a folder", ("--template",)),
        Running("writes the folder it names", ("--separate-git-dir",)),
    ),
    "init": (
        Running("takes hooks from a folder", ("--template",)),
        Running("writes the folder it names", ("--separate-git-dir",)),
    ),
    "archive": (
        Running("reaches another repository", ("--remote",)),
        Running("writes the file it names", ("--output",), "o"),
    ),
    "format-patch": (Running("writes the files it names", ("--output-directory", "--output"), "o"),),
    "apply": (Running("may write outside the work directory", ("--unsafe-paths", "--directory")),),
    "checkout-index": (Running("writes where it names", ("--prefix",)),),
}

_DIFF: Final = word_set(
    "patch unified function-context raw patch-with-raw patch-with-stat numstat shortstat dirstat cumulative "
    "dirstat-by-file check summary name-only name-status stat stat-width stat-name-width stat-graph-width stat-count "
    "compact-summary binary full-index color ws-error-highlight abbrev src-prefix dst-prefix line-prefix prefix "
    "inter-hunk-context output-indicator-new output-indicator-old output-indicator-context break-rewrites "
    "find-renames irreversible-delete find-copies find-copies-harder renames rename-empty follow minimal "
    "ignore-all-space ignore-space-change ignore-space-at-eol ignore-cr-at-eol ignore-blank-lines "
    "ignore-matching-lines indent-heuristic patience histogram diff-algorithm anchored word-diff word-diff-regex "
    "color-words color-moved color-moved-ws relative text exit-code quiet ignore-submodules ita-invisible-in-index "
    "pickaxe-all pickaxe-regex rotate-to skip-to find-object diff-filter cached staged merge-base "
    "base ours theirs cc combined-all-paths"
)
_LOG: Final = _DIFF | word_set(
    "oneline pretty format abbrev-commit graph all branches tags remotes glob exclude reverse date-order "
    "author-date-order topo-order since after until before author committer grep all-match invert-grep "
    "regexp-ignore-case extended-regexp fixed-strings perl-regexp basic-regexp merges min-parents max-parents "
    "first-parent max-count skip date relative-date decorate decorate-refs decorate-refs-exclude clear-decorations "
    "source use-mailmap mailmap full-history simplify-by-decoration simplify-merges ancestry-path left-right "
    "cherry-pick cherry-mark cherry left-only right-only boundary walk-reflogs show-pulls dense sparse parents "
    "children notes expand-tabs encoding size log-size full-diff diff-merges merge not show-linear-break root "
    "do-walk walk no-walk reflog timestamp"
)
# Verbs that only read, each with the long options that leave it so (`--no-` before them too).
READERS: Final[Mapping[str, frozenset[str]]] = {
    "status": word_set(
        "verbose short branch show-stash ahead-behind porcelain long null untracked-files ignored "
        "ignore-submodules column renames find-renames"
    ),
    "log": _LOG,
    "show": _LOG,
    "diff": _DIFF,
    "shortlog": _LOG | word_set("committer numbered summary email group"),
    "rev-parse": word_set(
        "verify quiet short abbrev-ref symbolic symbolic-full-name show-toplevel show-prefix show-cdup git-dir "
        "absolute-git-dir git-common-dir is-inside-work-tree is-inside-git-dir is-bare-repository "
        "is-shallow-repository show-superproject-working-tree all branches tags remotes revs-only flags sq not "
        "show-object-format path-format default"
    ),
    "ls-files": word_set(
        "cached deleted modified others ignored stage killed directory eol empty-directory unmerged resolve-undo "
        "exclude exclude-standard full-name error-unmatch abbrev debug deduplicate sparse format"
    ),
    "ls-tree": word_set("long name-only name-status object-only full-name full-tree format abbrev"),
    "blame": word_set(
        "incremental root show-stats progress score-debug show-name show-number porcelain line-porcelain show-email "
        "ignore-rev color-lines color-by-age minimal abbrev date since"
    ),
    "describe": word_set("contains all tags long first-parent abbrev exact-match candidates match exclude always"),
}
