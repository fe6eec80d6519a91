"""Where this process may import from: never from the folder that it was started in. Light: the launcher's first act."""

import os
import sys


def leave_the_folder() -> None:
    """Take the current folder off the module path, under every name.

    Absolute places that a person set stay theirs, but for that folder; so do we ourselves, in a checkout.
    """
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    relative = [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if not os.path.isabs(each)]
    off = {os.path.realpath(each or ".") for each in (".", *relative)} - {ours}
    sys.path[:] = [place for place in sys.path if os.path.isabs(place) and os.path.realpath(place) not in off]
