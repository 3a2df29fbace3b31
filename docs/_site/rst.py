"""Parts of pages in reStructuredText."""


def heading(text, line="="):
    """Return a heading, underlined with a character."""
    return f"{text}\n{line * max(len(text), 4)}\n\n"
