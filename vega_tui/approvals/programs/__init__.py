"""What the arguments of well-known programs mean: one file per family, each with a PROGRAMS table.

A program whose purpose is something else than running programs must not become a loader by an option: what its
words would run or write is a fact (`acts`), and then only a rule with the whole text, or a person, allows it.
"""
