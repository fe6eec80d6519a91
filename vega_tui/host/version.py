"""The version of the program, as installed."""

from importlib.metadata import PackageNotFoundError, version
from typing import Final


def _installed() -> str:
    try:
        return version("vega-tui")
    except PackageNotFoundError:
        return "0+unknown"


VERSION: Final = _installed()
