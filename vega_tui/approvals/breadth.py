"""How wide a remembered yes may be. A person's own rules file may say more; an answer to one question may not. Pure.

Never remembered, however narrow: a call of this program itself. Never wider than the whole text: what runs other
programs' text. Never at all: folders that lie around the home.
"""

import re
from typing import Final

from vega_tui.approvals.programs.interpreters import INTERPRETERS
from vega_tui.approvals.rules import Rule, literal_text
from vega_tui.approvals.sensitive import holds_secrets
from vega_tui.approvals.wrappers import CARRIERS, EVALUATORS, SHELLS, SHIFTERS, word_set

_RUNNERS: Final = word_set(
    "npx npm pnpm yarn bun bunx pnpx corepack uv uvx pipx pip poetry pdm hatch rye conda mamba tox nox make gmake "
    "cmake ninja just task rake gradle mvn ant bazel sbt lein docker podman nerdctl kubectl helm ssh scp sftp "
    "rsync mosh find fd rg tar zip cpio curl wget nc ncat socat go cargo gcc cc clang ld tee less more man git- "
    "lfs brew apt apt-get dnf pacman systemctl launchctl direnv mise asdf nix nix-shell screen tmux at batch "
    "crontab vagrant ansible ansible-playbook terraform aws gcloud az gh dotnet bundle gem composer rm rmdir mv "
    "cp ln dd chmod chown install cd export env"
)
_OURSELVES: Final = re.compile(r"(?:^|[\s/'\"=])vega[-_]tui(?:$|[\s/.:'\"])")


def names_ourselves(text: str) -> bool:
    """True for a command that would start this program."""
    return bool(_OURSELVES.search(text))


def is_runner(program: str) -> bool:
    """True for programs of which only the whole text says what they do, and for those named by a path."""
    name = program.rstrip("0123456789.").rstrip("-")
    known = {program, name} & (INTERPRETERS | _RUNNERS | SHELLS | CARRIERS | SHIFTERS | EVALUATORS)
    return bool(known) or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", program)


def too_wide(rule: Rule, home: str) -> str:
    """Why this can't be a remembered yes; empty when it can."""
    if rule.tool == "bash":
        return _wide_command(rule.pattern)
    if rule.tool in ("read", "list", "grep", "edit", "write") and rule.pattern:
        return _wide_path(rule, home)
    return ""


def _wide_command(pattern: str) -> str:
    if not pattern:
        return "it would allow every command"
    if names_ourselves(pattern):
        return "it would let an agent decide for you"
    if literal_text(pattern) is not None:
        return ""
    words = re.split(r"\s+|:\*$", pattern)
    program = words[0]
    if "*" in program:
        return "it would allow programs that nobody named"
    if is_runner(program) and not _is_read_by_verb(words):
        return f"{program} runs or writes anything by its arguments; only a whole command can be remembered"
    return ""


# Of these, some verbs are as plain as a program of their own.
_PLAIN_VERBS: Final = {
    "cargo": word_set("build check clippy doc fmt test tree"),
    "go": word_set("build doc fmt list mod test vet version"),
    "kubectl": word_set("describe get logs"),
    "docker": word_set("images inspect logs ps"),
}


def _is_read_by_verb(words: list[str]) -> bool:
    return len(words) > 2 and words[1] in _PLAIN_VERBS.get(words[0], ())


def _wide_path(rule: Rule, home: str) -> str:
    pattern = rule.pattern
    full = pattern[1:] if pattern.startswith("//") else f"{home}/{pattern[2:]}" if pattern.startswith("~/") else ""
    if not full:
        return ""  # within the work directory
    if full.endswith("/."):
        return ""  # the folder itself
    fixed = re.split(r"[*?]", full)[0].rpartition("/")[0] if re.search(r"[*?]", full) else full.rstrip("/")
    if f"{home}/".startswith(fixed.rstrip("/") + "/"):
        return "it would cover the whole home"
    return "it would cover a folder that holds secrets" if holds_secrets(f"{fixed}/") else ""
