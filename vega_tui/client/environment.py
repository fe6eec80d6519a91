"""What a face brings to the host: its folder, its allow-listed environment, its provider's settings."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vega_tui.core.config import SIMULATED_MODEL, Config, key_from
from vega_tui.protocol.frames import PROTOCOL_VERSION
from vega_tui.protocol.operations import Hello, ProviderSettings, SessionDefaults

# What commands need to run as they would in the person's own shell. Agent sockets and keys are not among it.
_PASSED_NAMES: Final = """
    PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TERM COLORTERM NO_COLOR CLICOLOR TMPDIR TMP TEMP CI
    EDITOR VISUAL PAGER MANPATH INFOPATH
    VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV PYTHONPATH PYTHONHOME PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE
    PYENV_ROOT PYENV_VERSION UV_CACHE_DIR PIP_CACHE_DIR NODE_PATH NODE_ENV NVM_DIR NVM_BIN NPM_CONFIG_PREFIX
    GOPATH GOROOT GOBIN CARGO_HOME RUSTUP_HOME JAVA_HOME GEM_HOME GEM_PATH RBENV_ROOT DOTNET_ROOT
    LD_LIBRARY_PATH DYLD_LIBRARY_PATH PKG_CONFIG_PATH SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
    XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME
    HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy
"""
_PASSED: Final = frozenset(_PASSED_NAMES.split())
_SECRET_NAME: Final = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
_SECRET_VALUE: Final = re.compile(r"://[^/\s@]*:[^/\s@]*@")  # user:password@ of a proxy


def allowed_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The part of `env` that commands of a session may see: never a key, a token or a password."""
    return {
        name: value
        for name, value in env.items()
        if (name in _PASSED or name.startswith("LC_"))
        and not _SECRET_NAME.search(name)
        and not _SECRET_VALUE.search(value)
    }


def provider_settings(config: Config, env: Mapping[str, str] | None = None) -> ProviderSettings:
    """Where the model is; empty, which means the simulated one, where nothing says or `simulated` is asked for."""
    env = os.environ if env is None else env
    if config.model == SIMULATED_MODEL:
        return ProviderSettings()
    return ProviderSettings(
        api_key=key_from(env, config.api_key_env), base_url=config.base_url, prices=dict(config.prices)
    )


def hello_for(
    client: str,
    config: Config,
    cwd: Path,
    *,
    can_ask: bool = True,
    env: Mapping[str, str] | None = None,
) -> Hello:
    """The first frame of a face that works in `cwd` with the settings of `config`."""
    env = os.environ if env is None else env
    return Hello(
        protocol=PROTOCOL_VERSION,
        client=client,
        cwd=str(cwd),
        env=allowed_environment(env),
        provider=provider_settings(config, env),
        defaults=SessionDefaults(
            model=config.model, mode=config.mode, budget_usd=config.budget_usd, max_turns=config.max_turns
        ),
        read_only=config.read_only,
        can_ask=can_ask,
    )
