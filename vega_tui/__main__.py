"""`python -m vega_tui` is `vega-tui`."""

import sys

from vega_tui.cli.launcher import main

if __name__ == "__main__":
    sys.exit(main())
