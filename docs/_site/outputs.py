"""Files beside the pages: llms.txt, the versions, the social card and its tags."""

import html
import json
import re
from pathlib import Path
from urllib.parse import urljoin

from _site.card import draw_card
from _site.names import public, summary

INTRODUCTION = """\
# maskloss

> Losses for incomplete labels, on every array library: one contract for masks, missing values,
> weights and means, with gradients in closed form on NumPy, PyTorch, JAX, TensorFlow and others.

Every loss takes the keywords mask, missing, weight, reduction, divisor, axis, empty and groups.
`mask` is True where a label is known. Predictions come first, labels second. An unobserved entry
contributes exactly nothing to the value and has a gradient of exactly 0.
"""


def write_llms(app, exception):
    """Write the map of the site for language models: https://llmstxt.org."""
    if exception or app.builder.format != "html":
        return
    text = f"{INTRODUCTION}\n## Pages\n\n"
    for page in sorted(app.env.found_docs):
        title = app.env.titles.get(page)
        if title is not None and not page.startswith(("api/", "losses/", "gallery/")):
            text += f"- [{title.astext()}]({_address(app, page)})\n"
    text += "\n## Losses, functions and classes\n\n"
    for name, page in public().items():
        text += f"- [{name}]({_address(app, page)}): {summary(name)}\n"
    text += "\n## Examples\n\n"
    for page in sorted(app.env.found_docs):
        if page.startswith("gallery/") and page != "gallery/index":
            text += f"- [{app.env.titles[page].astext()}]({_address(app, page)})\n"
    (Path(app.outdir) / "llms.txt").write_text(text, encoding="utf-8")


def _address(app, page):
    return f"{app.config.html_baseurl}{page}.html"


def add_tags(app, pagename, templatename, context, doctree):
    """Describe a page to the sites that show links to it."""
    base = app.config.html_baseurl
    title = context.get("title") or "maskloss"
    tags = {"og:type": "website", "og:site_name": "maskloss", "og:title": title}
    if base:
        tags |= {"og:url": f"{base}{pagename}.html", "og:image": f"{base}_static/social-card.png"}
    lines = [
        f'<meta property="{key}" content="{html.escape(striptags(value))}">'
        for key, value in tags.items()
    ]
    lines.append('<meta name="twitter:card" content="summary_large_image">')
    context["metatags"] = context.get("metatags", "") + "\n".join(lines)


def striptags(text):
    """Return the text of a title without its tags."""
    return html.unescape(re.sub("<[^>]*>", "", text))


def write_card(app, exception):
    """Draw the social card beside the other static files."""
    if not exception and app.builder.format == "html":
        draw_card(Path(app.outdir) / "_static" / "social-card.png")


def write_switcher(app, exception):
    """Make the addresses of the versions absolute: a page joins them with its own path."""
    base = app.config.html_baseurl
    if exception or not base or app.builder.format != "html":
        return
    path = Path(app.outdir) / "_static" / "switcher.json"
    versions = json.loads(path.read_text(encoding="utf-8"))
    found = [one | {"url": urljoin(base, one["url"])} for one in versions]
    path.write_text(json.dumps(found, indent=1), encoding="utf-8")


def setup(app):
    app.connect("build-finished", write_llms)
    app.connect("build-finished", write_switcher)
    app.connect("build-finished", write_card)
    app.connect("html-page-context", add_tags)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
