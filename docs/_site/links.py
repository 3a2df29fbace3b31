"""Links from names in code to their pages, in Markdown, docstrings and tables alike."""

import re
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform

from _site.inventories import names as foreign_names
from _site.names import public

_OURS = re.compile(r"(?:ml\.|maskloss\.)?([A-Za-z_][\w.]*)(?:\(.*\))?$", re.DOTALL)
_FOREIGN = foreign_names(Path(__file__).parents[1] / "_inventories")
# Names on the page of a framework are those of its module, and on these pages of that one.
_SUBJECTS = {"many-devices": "torch", "test-your-loss": "testing"}
_SHORT = {"F.": "torch.nn.functional.", "tf.": "tensorflow.", "np.": "numpy.", "jnp.": "jax.numpy."}


def full_name(text, page=""):
    """Return the full name of a public object that code names or calls, ours or another's."""
    found = _OURS.match(text)
    if found is None:
        return None
    name = found[1]
    module = _SUBJECTS.get(page, page.removeprefix("faces/"))
    for ours in (f"maskloss.{module}.{name}", f"maskloss.{name}"):
        if ours in public():
            return ours
    for short, long in _SHORT.items():
        name = long + name.removeprefix(short) if name.startswith(short) else name
    return name if name in _FOREIGN else None


class LinkNames(SphinxTransform):
    """Turns a name in code into a link, except in headings, in links and on its own page."""

    default_priority = 300

    def apply(self):
        for node in list(self.document.findall(nodes.literal)):
            name = full_name(node.astext(), self.env.docname)
            inside = (nodes.title, nodes.reference, pending_xref)
            if name is None or _is_in(node, inside) or public().get(name) == self.env.docname:
                continue
            link = self._link(name)
            node.replace_self(link)
            link += node

    def _link(self, name):
        """Return a link to the top of our page of a name, where its picture is, or to another's."""
        here, page = self.env.docname, public().get(name)
        if page is not None:
            address = self.app.builder.get_relative_uri(here, page)
            return nodes.reference("", "", internal=True, refuri=address)
        return pending_xref(
            "",
            refdomain="py",
            reftype="obj",
            reftarget=name,
            refexplicit=True,
            refwarn=True,
            refdoc=here,
        )


def _is_in(node, kinds):
    while node is not None:
        if isinstance(node, kinds):
            return True
        node = node.parent
    return False


def public_role(_name, rawtext, text, _lineno, _inliner, options=None, content=()):
    """Show a name in single backticks as code, which `LinkNames` links."""
    return [nodes.literal(rawtext, text)], []


def mend(app, docname, source):
    """Let links to files beside the folder of the site lead to their pages."""
    text = source[0]
    for file, page in {"CHANGELOG": "changelog", "CONTRIBUTING": "contributing"}.items():
        text = text.replace(f"](../{file}.md", f"]({page}.md")
    source[0] = text


def check(app, env):
    """Raise unless every public name has a page."""
    objects = env.get_domain("py").objects
    absent = sorted(name for name in public() if name not in objects)
    if absent:
        from sphinx.errors import ExtensionError

        msg = f"no page documents {', '.join(absent)}"
        raise ExtensionError(msg)


def setup(app):
    app.add_role("public", public_role)
    app.add_transform(LinkNames)
    app.connect("source-read", mend)
    app.connect("env-check-consistency", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
