"""Pages made at each build: one for every loss and public name, and their lists."""

import re
from itertools import groupby
from pathlib import Path

from _site import curves
from _site.api_pages import api_index, api_page
from _site.calls import is_of_elements, not_summable_because
from _site.names import classes_of, public
from _site.rst import heading
from maskloss._public import records

DOCS = Path(__file__).parents[1]
GALLERY = DOCS.parent / "examples" / "gallery"
DRAWN_BY = ("calls.py", "curves.py", "option_curves.py")
# A loss of a linear layer has the picture of the loss of its logits.
OF_LOGITS = {
    "linear_binary_cross_entropy": "binary_cross_entropy_with_logits",
    "linear_cross_entropy": "cross_entropy",
    "linear_distillation_loss": "distillation_loss",
}
TITLES = {
    "binary": "Yes or no",
    "categorical": "One class of several",
    "custom": "A formula of your own",
    "linear": "Large output layers",
    "multilabel": "Several labels at once",
    "partial": "Partly annotated labels",
    "ranking": "An order of items",
    "regression": "Numbers",
    "segmentation": "Regions",
    "tokens": "Tokens of language models",
}


def write_pages(app):
    """Write all generated pages."""
    pictures = DOCS / "losses" / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    tested, peers = _tested(), _peers()
    for record in records():
        shown = _picture(record, pictures)
        _write(f"losses/{record.name}.rst", _loss_page(record, shown, tested, peers))
    _write("losses/index.rst", _loss_index())
    losses = {record.name for record in records()}
    for full_name, page in public().items():
        if full_name.removeprefix("maskloss.") not in losses:
            _write(f"{page}.rst", api_page(full_name))
    _write("api/index.rst", api_index())


def _picture(record, folder):
    """Draw a loss unless its pictures are newer than its file and the code that draws."""
    if record.inputs is None:
        return []
    note = folder / f"{record.name}.txt"
    source = Path(record.build.__code__.co_filename)
    drawn_by = [Path(__file__).with_name(name) for name in DRAWN_BY]
    newest = max(p.stat().st_mtime for p in (source, *drawn_by))
    if not note.is_file() or note.stat().st_mtime < newest:
        shown = [curves.draw(record, folder), curves.draw_options(record, folder)]
        note.write_text("\n".join(filter(None, shown)), encoding="utf-8")
    return note.read_text(encoding="utf-8").splitlines()


def _write(name, text):
    """Write a page if it changed, so that Sphinx reads it again only then."""
    path = DOCS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _loss_page(record, shown, tested, peers):
    parts = [heading(record.name)]
    parts.append(f".. meta::\n   :description: {_plain(record.summary)}\n\n")
    if shown:
        parts += _images(record.name, shown[0])
        parts.append(_caption(record))
    else:
        name = OF_LOGITS[record.name]
        parts += _images(name, f"{name} and its slope over one logit.")
        parts.append(f"The loss over one logit of the layer is that of :doc:`{name}`.\n\n")
    parts.append(f".. py:currentmodule:: maskloss\n\n.. autofunction:: {record.name}\n\n")
    if len(shown) > 1:
        parts.append(heading("What its options do", "-"))
        parts.append("The loss over one prediction, at the default of each option and near it.\n\n")
        parts += _images(f"{record.name}-options", shown[1])
    parts.append(_faces(record))
    parts.append(_peer_table(peers.get(record.name, [])))
    parts.append(_tested_table(tested.get(record.name), record))
    parts.append(_examples(record))
    return "".join(parts)


def _images(name, alt):
    return [_image(f"pictures/{name}-{mode}.svg", alt, mode) for mode in curves.MODES]


def _image(path, alt, mode):
    picture = f"   .. image:: {path}\n      :alt: {alt}\n      :class: only-{mode} curve\n\n"
    return f".. container:: picture\n\n{picture}"


def _caption(record):
    row = "" if is_of_elements(record) else " of several, while the others stay as they are"
    return (
        f"The loss and its slope over one prediction{row}, for each label it can have. Where the "
        "label is missing, the slope is exactly 0.\n\n"
    )


def _faces(record):
    classes = classes_of(record)
    if not classes:
        return ""
    lines = "".join(f"- ``{name}``\n" for name in classes)
    return f"{heading('The same loss as a class', '-')}{lines}\n"


def _examples(record):
    """Show the scripts of the gallery that use a loss, if there are any."""
    scripts = (path.read_text(encoding="utf-8") for path in sorted(GALLERY.glob("*.py")))
    if not any(re.search(rf"\b{record.name}\b", text) for text in scripts):
        return ""
    shown = f".. minigallery:: maskloss.{record.name}\n\n"
    rest = "All examples are in the :doc:`gallery </gallery/index>`.\n"
    return heading("Examples that use it", "-") + shown + rest


def _peer_table(rows):
    if not rows:
        return ""
    text = f"{heading('Names in other libraries', '-')}.. list-table::\n   :header-rows: 1\n\n"
    text += "   * - library\n     - its call\n     - here\n"
    for library, theirs, ours in rows:
        text += f"   * - {library}\n     - ``{theirs}``\n     - ``{ours}``\n"
    return text + "\nA test compares the two results; :doc:`/coming-from` says what differs.\n\n"


def _tested_table(row, record):
    if record.name in OF_LOGITS:
        return (
            f"{heading('What was tested', '-')}Value and gradients of features, weights and bias, "
            "compared with the loss of all logits; values under unobserved rows; automatic "
            "differentiation, second order, forward mode, jit and vmap; the memory, which stays "
            "under that of the logits: in ``tests/linear`` for every array library that has the "
            "transform.\n\n"
        )
    if not row:
        return ""
    passed = ", ".join(name for name, value in row.items() if value == "yes")
    return (
        f"{heading('What was tested', '-')}{passed}: on every array library that has the "
        "transform. :doc:`/losses` names the libraries of the last run.\n\n"
        f"{_refusal(record)}"
    )


def _refusal(record):
    """Say why a loss refuses ``reduction="sums"`` with its defaults, if it does."""
    why = not_summable_because(record)
    if not why:
        return ""
    return (
        "With its defaults the loss of a batch is not made of the losses of its parts, and "
        f'``reduction="sums"`` is an error: {why}. :doc:`/many-devices` says what to do '
        "instead.\n\n"
    )


def _loss_index():
    text = heading("All losses")
    text += (
        "A picture shows the loss over one prediction, with a curve for each label. "
        ":doc:`/which-loss` helps to choose.\n\n"
    )
    by_family = sorted(records(), key=lambda record: (record.family, record.name))
    for family, members in groupby(by_family, key=lambda record: record.family):
        text += heading(TITLES.get(family, family.capitalize()), "-")
        text += ".. grid:: 1 2 2 3\n   :gutter: 3\n\n"
        for record in members:
            # A line may break after an underscore.
            title = record.name.replace("_", "_\u200b")
            text += f"   .. grid-item-card:: {title}\n      :link: {record.name}\n"
            text += "      :link-type: doc\n      :text-align: left\n\n"
            name = OF_LOGITS.get(record.name, record.name)
            for mode in curves.MODES:
                text += f"      .. image:: pictures/{name}-small-{mode}.svg\n"
                text += f"         :alt: \n         :class: only-{mode}\n\n"
            text += f"      {record.summary}\n\n"
    names = "".join(f"   {record.name}\n" for record in records())
    return f"{text}.. toctree::\n   :hidden:\n\n{names}"


def _peers():
    """Return the rows of docs/coming-from.md by the name of our loss."""
    rows, library = {}, ""
    for line in (DOCS / "coming-from.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            library = line.removeprefix("## ")
        found = re.match(r"\| `([^`]+)` \| `([^`]+)` \|", line)
        if found:
            for name in dict.fromkeys(re.findall(r"ml\.(\w+)\(", found[2])):
                rows.setdefault(name, []).append((library, *found.groups()))
    return rows


def _tested():
    """Return the rows of docs/losses.md by the name of the loss."""
    rows, columns = {}, []
    for line in (DOCS / "losses.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| loss |"):
            columns = line.strip("| ").split(" | ")
        elif line.startswith("| `"):
            cells = re.split(r" \| ", line.strip("| "))
            width = len(columns) - 2
            rows[cells[0].strip("`")] = dict(zip(columns[2:], cells[-width:], strict=True))
    return rows


def _plain(text):
    return re.sub(r"[:\\`$]|math", "", text)


def setup(app):
    app.connect("builder-inited", write_pages, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
