"""Names of files that usually hold secrets, and of files that make other programs run something. Pure."""

import re
from itertools import pairwise
from typing import Final

from vega_tui.approvals.paths import PathUse
from vega_tui.approvals.wrappers import word_set

# Writing these makes other programs run something, so no allow rule and no mode but yolo covers them.
_PROTECTED: Final = word_set(
    ".git .vscode .idea .husky .cargo .devcontainer .yarn .mvn .claude .vega .bashrc .bash_profile .bash_login "
    ".bash_logout .profile .zshrc .zshenv .zprofile .zlogin .zlogout .gitconfig .gitmodules .envrc .npmrc "
    ".pre-commit-config.yaml .mcp.json .claude.json .ripgreprc pyrightconfig.json gradle-wrapper.properties "
    ".inputrc .ssh .gnupg .netrc .pypirc .kshrc .cshrc .tcshrc config.fish crontab sitecustomize.py "
    "usercustomize.py"
)
_PROTECTED_SHAPES = re.compile(r"\.yarnrc.*|lefthook\..*|\.lefthook.*|.*\.pth")
_SECRET = re.compile(
    r"(?:^|/)(?:\.ssh|\.gnupg|\.aws|\.kube|\.docker/config\.json|\.netrc|\.pypirc|\.npmrc|\.git-credentials|"
    r"\.config/gcloud|\.config/gh|\.azure|id_(?:rsa|dsa|ecdsa|ed25519)|credentials(?:\.json)?|\.env(?:\.[^/]*)?|"
    r"[^/]*\.(?:pem|p12|pfx|key|keystore)|etc/(?:shadow|sudoers)|proc/[^/]+/environ)(?:/|$)",
    re.I,
)
_TEMPLATES = re.compile(r"\.env\.(?:example|sample|template|dist)$", re.I)


def is_protected(use: PathUse, cwd: str) -> bool:
    """True for files whose change makes other programs run something: never pre-approved for writing."""
    return any(_protected(spelling, cwd) for spelling in use.spellings)


def _protected(path: str, cwd: str) -> bool:
    inner = path.lower().removeprefix(cwd.lower().rstrip("/") + "/")
    parts = [part for part in inner.split("/") if part]
    if any(part in _PROTECTED or _PROTECTED_SHAPES.fullmatch(part) for part in parts):
        return True
    return any(pair == (".config", "git") for pair in pairwise(parts))


def is_secret(use: PathUse) -> bool:
    """True for what usually holds keys."""
    return any(holds_secrets(spelling) for spelling in use.spellings)


def holds_secrets(path: str) -> bool:
    """True for names that usually mean keys: `.env`, `~/.ssh`, `*.pem`; not for templates of them."""
    return bool(_SECRET.search(path)) and not _TEMPLATES.search(path)
