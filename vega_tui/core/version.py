"""The release. A constant, since reading it from the installed metadata costs more than the whole start may."""

from typing import Final

VERSION: Final = "0.1.0"
