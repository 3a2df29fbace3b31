"""Inventories of other projects, kept here as text, so that no build asks the network.

A file holds the address of a project's documentation, then lines of a full name, its kind and the
end of its address.
"""

import zlib


def inventories(source, target):
    """Write the binary inventories that intersphinx reads, and return its mapping."""
    target.mkdir(exist_ok=True)
    mapping = {}
    for path in sorted(source.glob("*.txt")):
        address, *lines = path.read_text(encoding="utf-8").split("\n")
        entries = [line.split() for line in lines if line and not line.startswith("#")]
        body = "".join(f"{name} py:{kind} 1 {end} -\n" for name, kind, end in entries)
        head = f"# Sphinx inventory version 2\n# Project: {path.stem}\n# Version: \n"
        head += "# The remainder of this file is compressed using zlib.\n"
        made = target / f"{path.stem}.inv"
        made.write_bytes(head.encode() + zlib.compress(body.encode()))
        mapping[path.stem] = (address.strip(), str(made))
    return mapping


def names(source):
    """Return the names of all inventories."""
    found = set()
    for path in source.glob("*.txt"):
        lines = path.read_text(encoding="utf-8").split("\n")[1:]
        found |= {line.split()[0] for line in lines if line and not line.startswith("#")}
    return found
