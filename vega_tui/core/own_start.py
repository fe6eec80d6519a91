"""`python -I own_start.py MODULE ARGUMENT…`: runs a module of ours, from the root folder, with its starter's path."""

import os
import sys


def main() -> None:
    """Become the module that the first argument names."""
    os.chdir("/")
    if path := os.environ.pop("VEGA_MODULE_PATH", ""):
        sys.path[:] = path.split(os.pathsep)
    del sys.argv[0]
    import runpy

    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
