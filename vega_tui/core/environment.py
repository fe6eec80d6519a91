"""The one list of what programs of an agent's tools see of an environment. What is not on it stays out."""

from collections.abc import Mapping
from typing import Final

from vega_tui.core.secrecy import is_secret

# What commands need to run as they would in the person's own shell. Sockets of agents, keyrings and the session
# bus, through which a program could be started outside of its call, are not among it.
_PASSED: Final = frozenset(
    """
    PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TERM COLORTERM NO_COLOR CLICOLOR TMPDIR TMP TEMP CI
    EDITOR VISUAL PAGER MANPATH INFOPATH
    VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV PYTHONPATH PYTHONHOME PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE
    PYENV_ROOT PYENV_VERSION UV_CACHE_DIR PIP_CACHE_DIR NODE_PATH NODE_ENV NVM_DIR NVM_BIN NPM_CONFIG_PREFIX
    GOPATH GOROOT GOBIN CARGO_HOME RUSTUP_HOME JAVA_HOME GEM_HOME GEM_PATH RBENV_ROOT DOTNET_ROOT
    LD_LIBRARY_PATH DYLD_LIBRARY_PATH PKG_CONFIG_PATH SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
    XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME
    HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy
    """.split()  # noqa: SIM905
)
# Nobody sits at a command's terminal.
_FIXED: Final = {"TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0"}
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


def allowed_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The part of `env` that commands may see: never a key, a token, or an address with a password."""
    return {
        name: value
        for name, value in env.items()
        if (name in _PASSED or name.startswith("LC_")) and not is_secret(name, value)
    }


def command_environment(env: Mapping[str, str]) -> dict[str, str]:
    """What a command runs with: the allowed part of `env`, and words that keep programs from asking or paging."""
    return {"PATH": _PATH, **allowed_environment(env), **_FIXED}
