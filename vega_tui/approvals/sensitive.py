"""Names of files that usually hold secrets, and of files that make other programs run something. Pure."""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Final

from vega_tui.approvals.paths import PathUse, disk_name
from vega_tui.approvals.wrappers import word_set

# Writing these makes other programs run something, so no allow rule and no mode but yolo covers them.
_PROTECTED: Final = word_set(
    ".git git~1 .vscode .idea .husky .cargo .devcontainer .yarn .mvn .claude .vega .bashrc .bash_profile .bash_login "
    ".bash_logout .profile .zshrc .zshenv .zprofile .zlogin .zlogout .gitconfig .gitmodules .envrc .npmrc "
    ".pre-commit-config.yaml .mcp.json .claude.json .ripgreprc pyrightconfig.json gradle-wrapper.properties "
    ".inputrc .ssh .gnupg .netrc .pypirc .kshrc .cshrc .tcshrc config.fish crontab sitecustomize.py "
    "usercustomize.py"
)
_PROTECTED_SHAPES = re.compile(r"\.yarnrc.*|lefthook\..*|\.lefthook.*|.*\.pth")
# --- what usually holds secrets: folders, files, and shapes of names; all in lower case ---------------------------
_SECRET_FOLDERS: Final = word_set(
    ".ssh .gnupg .aws .azure .kube .password-store .secrets keyrings keychains .mozilla .thunderbird .electrum "
    ".bitcoin .ethereum"
)
_SECRET_TREES: Final = [
    path.split("/")
    for path in word_set(
        ".config/gcloud .config/gh .config/glab-cli .config/op .config/hub .config/rclone .config/google-chrome "
        ".config/chromium .config/bravesoftware .config/microsoft-edge .config/vivaldi .config/opera "
        "google/chrome application_support/firefox bravesoftware/brave-browser .docker/config.json .m2/settings.xml "
        ".gradle/gradle.properties .cargo/credentials .cargo/credentials.toml .gem/credentials .codex/auth.json "
        "composer/auth.json .composer/auth.json .kaggle/kaggle.json run/secrets etc/ssl/private etc/wireguard "
        "etc/kubernetes/admin.conf networkmanager/system-connections"
    )
]
_SECRET_FILES: Final = word_set(
    ".netrc _netrc .pgpass .my.cnf .mylogin.cnf .npmrc .pypirc .yarnrc.yml .git-credentials .htpasswd .envrc "
    ".terraformrc terraform.rc .vault-token .vault_pass kubeconfig .boto .s3cfg .dockercfg .token credentials "
    "wp-config.php .credentials .lesshst .viminfo .histfile fish_history application_default_credentials.json "
    "login.keychain logins.json key3.db key4.db cookies.sqlite recentservers.xml sitemanager.xml shadow gshadow "
    "sudoers sudoers.d krb5.keytab .claude.json"
)
_DATA = r"\.(?:json|ya?ml|toml|ini|csv|txt|xml|properties|cfg|conf|db|php)"
_SECRET_SHAPES = re.compile(
    r"\.env(?:[.~_-].*)?|[^.].*\.env|\.envrc\..*|"
    r".*\.(?:pem|p12|pfx|p8|key|keystore|jks|ppk|kdbx?|keytab|pkcs12|ovpn|agekey|kubeconfig|tfstate|tfvars)|"
    r".*\.tfstate\..*|.*\.tfvars\.json|\.terraform\.tfstate\.lock.*|"
    r"id_(?:rsa|dsa|ecdsa|ed25519|xmss)(?:_sk)?(?:[._-].*)?|ssh_host_.*key|"
    r"\.?(?:.*[._-])?(?:credentials?|secrets?|passwords?|passwd)" + _DATA + r"(?:\.enc)?|credentials\.tfrc\.json|"
    r".*(?:service[._-]?account|adminsdk|client[._-]?secret|gcp[._-]?key|gcloud[._-]?key).*\.json|"
    r"\.[a-z0-9_]+_history|kubeconfig\.ya?ml|vault[._-]pass(?:word)?(?:\.txt)?|_?htpasswd"
)
_TEMPLATES = re.compile(
    r".*[._-](?:example|examples|sample|template|tmpl|tpl|dist|defaults?|schema|md)(?:" + _DATA + r")?|"
    r"(?:example|sample|template|default|dummy)[._-].*|.*\.(?:example|sample|template)\.[a-z]+|id_.*\.pub|.*\.d\.ts|"
    r".*[._-](?:test|spec|schema)" + _DATA
)
_BACKUP = re.compile(
    r"(?P<name>.+?)(?:~|[._-](?:bak|backup|old|orig|save|saved|copy|tmp|rej|swp|swo|swn|gz|bz2|xz|zst|zip|enc|gpg|age"
    r"|dpkg-\w+|rpm\w+)\d*|\.\d{1,14}|%|#)"
)
_SYSTEM = re.compile(
    r"/(?:proc/[^/]+/(?:task/[^/]+/)?(?:environ|mem|cmdline|auxv|fd|fdinfo|maps|smaps|pagemap|stack|map_files)(?:/.*)?"
    r"|proc/kcore|dev/(?:mem|kmem|port|input|sd[a-z].*|nvme.*|vd[a-z].*|disk|mapper)(?:/.*)?)"
)
_WORD = re.compile(r"[\w.~/+@%#-]+")


def is_protected(use: PathUse, cwd: str) -> bool:
    """True for what decides for us, and files whose change makes others run something: never written beforehand."""
    return use.kept or any(_protected(name, cwd) for name in use.names)


def _protected(path: str, cwd: str) -> bool:
    inner = disk_name(path).removeprefix(disk_name(cwd).rstrip("/") + "/")
    parts = [part for part in inner.split("/") if part]
    if any(part in _PROTECTED or _PROTECTED_SHAPES.fullmatch(part) for part in parts):
        return True
    return any(pair == (".config", "git") for pair in pairwise(parts))


def is_secret(use: PathUse) -> bool:
    """True for what usually holds keys, under any of its names, and for our own home."""
    return use.ours or any(holds_secrets(name) for name in use.names)


def names_secret(pattern: str) -> bool:
    """True for a rule's pattern that speaks of such a file itself: only then does it cover one."""
    return any(holds_secrets(word) for word in _WORD.findall(pattern))


@lru_cache(maxsize=4096)
def folded(path: str) -> str:
    """A path as a disk may read it that knows no case and no two forms of the same letter."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFKC", path).casefold()


@lru_cache(maxsize=4096)
def holds_secrets(path: str) -> bool:
    """True for names that usually mean keys: `.env`, `~/.ssh`, `*.pem`; not for templates of them."""
    plain = folded(path)
    parts = [part for part in plain.replace(" ", "_").split("/") if part]
    if _SYSTEM.fullmatch(plain) or any(part in _SECRET_FOLDERS for part in parts):
        return True
    if any(parts[i : i + len(tree)] == tree for tree in _SECRET_TREES for i in range(len(parts) - len(tree) + 1)):
        return True
    return any(_secret_name(part) for part in parts if len(part) < 256)


def _secret_name(name: str) -> bool:
    """By the name alone, that of a backup included: `id_rsa.old`, `.env~`, `.key.pem.swp`."""
    name = name.strip("#")
    for _ in range(4):
        if _TEMPLATES.fullmatch(name):
            return False
        if name in _SECRET_FILES or _SECRET_SHAPES.fullmatch(name):
            return True
        behind = _BACKUP.fullmatch(name)
        if behind is None:
            return False
        name = behind["name"]
        if name.startswith(".") and _secret_name(name[1:]):  # an editor's swap file: `.server.pem.swp`
            return True
    return False
