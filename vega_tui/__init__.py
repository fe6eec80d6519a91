"""The library's names, fetched on first use: `import vega_tui` itself loads nothing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vega_tui.runtime import ChildSpec, SupervisorSpec, System

__version__ = "0.1.0"
__all__ = ["ChildSpec", "SupervisorSpec", "System", "__version__"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from vega_tui import runtime

        return getattr(runtime, name)
    raise AttributeError(f"module 'vega_tui' has no attribute {name!r}")
