"""`python -m vega_tui` is `vega-tui`, but for what Python itself has taken from the current folder before."""

import sys


def run() -> int:
    """Run the program, with nothing more from the folder it is started in; gives its exit code."""
    # `-m` puts that folder first: off with it before anything is imported. The place is ours in a checkout.
    if not sys.flags.safe_path and sys.path and not __file__.startswith(f"{sys.path[0]}/vega_tui/"):
        del sys.path[0]
    from vega_tui.cli.launcher import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
