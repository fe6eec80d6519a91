"""A command of the program, run in this process."""

import json
from typing import Any

import pytest

from vega_tui.cli.main import main

Fd = pytest.CaptureFixture[bytes]


class Said:
    """What a command printed, and how it ended."""

    def __init__(self, capfdbinary: Fd, *argv: str) -> None:
        self.code = main(argv)
        got = capfdbinary.readouterr()
        self.out, self.err = got.out.decode(), got.err.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)
