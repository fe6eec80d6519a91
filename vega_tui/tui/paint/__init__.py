"""Pure painters: plain values in, lines of styled spans out. No widget, no palette, no clock."""
