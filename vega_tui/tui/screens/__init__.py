"""Screens: which panes there are and where. Panes draw themselves."""
