"""Which release this is. Imports nothing."""

__version__ = "0.1.0"
