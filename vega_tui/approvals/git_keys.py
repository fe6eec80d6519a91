"""Which settings of a repository can't make git start a program. A positive list: what isn't on it may. Pure.

Source: git-config(1). `alias.*` is on it: an alias can't hide a verb of git's own, and every other verb asks.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vega_tui.approvals.wrappers import word_set

# Sections of which every key only changes what is printed, or names what nobody runs.
_WHOLE: Final = word_set("alias advice color column i18n gitflow gui versionsort")
_PLAIN: Final[Mapping[str, frozenset[str]]] = {
    section: word_set(keys)
    for section, keys in {
        "core": "bare filemode repositoryformatversion logallrefupdates ignorecase precomposeunicode symlinks autocrlf "
        "eol safecrlf quotepath abbrev compression loosecompression bigfilethreshold packedgitlimit "
        "packedgitwindowsize preloadindex untrackedcache trustctime checkstat whitespace commentchar commentstring "
        "protecthfs protectntfs sparsecheckout sparsecheckoutcone longpaths hidedotfiles multipackindex commitgraph "
        "deltabasecachelimit fscache splitindex fsync fsyncmethod fsyncobjectfiles sharedrepository excludesfile "
        "attributesfile warnambiguousrefs notesref maxtreedepth createobject checkroundtripencoding",
        "extensions": "objectformat compatobjectformat refstorage worktreeconfig partialclone noop preciousobjects "
        "relativeworktrees",
        "user": "name email useconfigonly signingkey",
        "author": "name email",
        "committer": "name email",
        "init": "defaultbranch defaultobjectformat defaultrefformat",
        "index": "version threads sparse skiphash recordendofindexentries recordoffsettable",
        "feature": "manyfiles experimental",
        "status": "short branch showstash showuntrackedfiles relativepaths renames renamelimit aheadbehind "
        "displaycommentprefix",
        "diff": "noprefix mnemonicprefix renames renamelimit algorithm context interhunkcontext indentheuristic "
        "colormoved colormovedws wserrorhighlight statgraphwidth statnamewidth autorefreshindex ignoresubmodules "
        "relative suppressblankempty dirstat orderfile wordregex",
        "diff.": "xfuncname funcname wordregex binary algorithm cachetextconv",
        "merge": "conflictstyle ff log renames directoryrenames renormalize stat verbosity renamelimit autostash "
        "defaulttoupstream branchdesc suppressdest",
        "log": "date decorate abbrevcommit follow showroot graphcolors mailmap initialdecorationset excludedecoration",
        "blame": "blankboundary coloring date showemail showroot ignorerevsfile markunblamablelines markignoredlines",
        "grep": "linenumber column patterntype extendedregexp threads fullname fallbacktonoindex",
        "branch": "autosetuprebase autosetupmerge sort",
        "branch.": "merge rebase description vscode-merge-base gh-merge-base github-pr-owner-number",
        "remote.": "fetch push tagopt prune prunetags mirror skipdefaultupdate skipfetchall promisor "
        "partialclonefilter followremotehead gh-resolved",
        "submodule.": "active branch path ignore fetchrecursesubmodules shallow",
        "submodule": "active recurse fetchjobs alternatelocation alternateerrorstrategy propagatebranches",
        "push": "default autosetupremote followtags usebitmaps negotiate useforceifincludes",
        "pull": "ff twohead",
        "fetch": "prune prunetags parallel writecommitgraph output fsckobjects unpacklimit showforcedupdates",
        "receive": "denycurrentbranch denydeletes denynonfastforwards fsckobjects autogc unpacklimit",
        "transfer": "fsckobjects hiderefs unpacklimit",
        "uploadpack": "allowfilter allowanysha1inwant allowreachablesha1inwant allowtipsha1inwant hiderefs",
        "rebase": "autostash autosquash updaterefs abbreviatecommands missingcommitscheck stat",
        "rerere": "enabled autoupdate",
        "commit": "gpgsign cleanup status verbose",
        "tag": "gpgsign sort forcesignannotated",
        "checkout": "defaultremote guess workers thresholdforparallelism",
        "worktree": "guessremote userelativepaths",
        "sparse": "expectfilesoutsideofpatterns",
        "gc": "auto autodetach autopacklimit pruneexpire reflogexpire reflogexpireunreachable packrefs "
        "writecommitgraph worktreepruneexpire aggressivedepth aggressivewindow cruftpacks",
        "pack": "threads window depth windowmemory compression usesparse writebitmaps packsizelimit indexversion "
        "usebitmaps deltacachesize deltacachelimit writereverseindex",
        "repack": "usedeltabaseoffset writebitmaps packkeptobjects",
        "maintenance": "auto strategy",
        "maintenance.": "enabled schedule auto",
        "http": "postbuffer sslverify version lowspeedlimit lowspeedtime extraheader sslbackend maxrequests",
        "http.": "postbuffer sslverify version lowspeedlimit lowspeedtime extraheader sslbackend",
        "credential": "username usehttppath interactive",
        "credential.": "username usehttppath",
        "lfs": "repositoryformatversion",
        "lfs.": "access locksverify",
    }.items()
}
_HELD: Final[Mapping[str, tuple[str, ...]]] = {  # these values, and no others
    "core.fsmonitor": ("true", "false", "", "yes", "no", "on", "off", "0", "1"),
    "core.pager": ("cat", ""),
    "gpg.format": ("openpgp", "x509", "ssh"),
    "pull.rebase": ("true", "false", "merges", "yes", "no", "on", "off", "0", "1"),
    "submodule.*.update": ("checkout", "rebase", "merge", "none"),
    "filter.lfs.clean": ("git-lfs clean -- %f",),
    "filter.lfs.smudge": ("git-lfs smudge -- %f", "git-lfs smudge --skip -- %f"),
    "filter.lfs.process": ("git-lfs filter-process", "git-lfs filter-process --skip"),
    "filter.lfs.required": ("true", "false"),
}
# Values that name a repository: git starts a helper for an address whose scheme it doesn't know by itself.
_ADDRESSES: Final = word_set(
    "remote.*.url remote.*.pushurl branch.*.remote branch.*.pushremote remote.pushdefault submodule.*.url"
)
_SCHEMES: Final = word_set("http https ssh git file ftp ftps git+ssh ssh+git")
_HELPER: Final = re.compile(r"[A-Za-z0-9][\w+.-]*::")


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of a configuration; `section` and `key` in lower case, `sub` as written."""

    section: str
    sub: str
    key: str
    value: str

    @property
    def name(self) -> str:
        """As git prints it."""
        return ".".join(part for part in (self.section, self.sub, self.key) if part)


def starts_nothing(setting: Setting, gitdir: str, top: str) -> bool:
    """True where a setting can't make git start anything. `gitdir` and `top`: of the repository it stands in."""
    section, sub, key, value = setting.section, setting.sub, setting.key, setting.value
    if section in _WHOLE:
        return True
    general = ".".join((section, "*", key) if sub else (section, key))
    for name in (setting.name, general):
        if name in _HELD:
            return value in _HELD[name]
    if general in _ADDRESSES:
        return plain_address(value)
    if section == "url" and key in ("insteadof", "pushinsteadof"):
        return plain_address(sub)
    if general == "core.worktree":  # a submodule's leads back to where it was found
        return bool(top) and posixpath.realpath(posixpath.join(gitdir, value)) == posixpath.realpath(top)
    return key in _PLAIN.get(f"{section}." if sub else section, ())


def plain_address(value: str) -> bool:
    """True for a repository that git reaches by itself, without a helper of some name."""
    if _HELPER.match(value) or value.startswith("-"):
        return False
    scheme, found, _ = value.partition("://")
    return not found or scheme.lower() in _SCHEMES
