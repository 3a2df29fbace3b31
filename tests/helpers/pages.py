"""Pages of the documentation, whose blocks of code run."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def blocks_of(page):
    """Return the blocks of Python of a page, named from the root."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def run(page):
    """Run each block by itself."""
    blocks = blocks_of(page)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})
