"""What every program of an agent is told of git, so that a repository can't start anything by lying there.

Given by the environment, which git takes for the command's own word: stronger than any file's. Hooks, filters and
aliases are not touched: a person who says yes to a commit means the repository's hooks too.
"""

from typing import Final

_SETTINGS: Final = (
    ("safe.bareRepository", "explicit"),  # a folder with HEAD, objects and refs is no repository by itself
    ("core.fsmonitor", "false"),
    ("diff.autoRefreshIndex", "false"),  # a diff that writes the index would run post-index-change
    ("protocol.ext.allow", "never"),
)
GIT_ENVIRONMENT: Final = {
    "GIT_CONFIG_COUNT": str(len(_SETTINGS)),
    **{f"GIT_CONFIG_KEY_{at}": key for at, (key, _) in enumerate(_SETTINGS)},
    **{f"GIT_CONFIG_VALUE_{at}": value for at, (_, value) in enumerate(_SETTINGS)},
    "GIT_OPTIONAL_LOCKS": "0",  # so does a status
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone would fetch by what its configuration says
}
