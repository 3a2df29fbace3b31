"""The page of each public name that is no loss, and their list."""

import inspect

from _site.names import STANDING_IN, public, summary, value
from _site.rst import heading
from maskloss._registry import record_of

MODULES = {
    "maskloss": "Functions and classes of `maskloss`",
    "maskloss.torch": "Modules of `maskloss.torch`",
    "maskloss.keras": "Losses and metrics of `maskloss.keras`",
    "maskloss.boosting": "Objectives of `maskloss.boosting`",
    "maskloss.sklearn": "Estimators of `maskloss.sklearn`",
    "maskloss.chemprop": "Losses and metrics of `maskloss.chemprop`",
    "maskloss.neuralforecast": "Losses of `maskloss.neuralforecast`",
    "maskloss.verl": "Policy losses of `maskloss.verl`",
    "maskloss.testing": "Checks of `maskloss.testing`",
}


def api_page(full_name):
    """Return the page of a public name."""
    module, _, name = full_name.rpartition(".")
    found = value(full_name)
    kind = "class" if isinstance(found, type) else "function" if callable(found) else "data"
    shown = name + (_signature(found) if module in STANDING_IN and kind == "class" else "")
    text = f"{heading(name)}.. py:currentmodule:: {module}\n\n.. auto{kind}:: {shown}\n"
    if module in STANDING_IN and (record := record_of(getattr(found, "loss", None))):
        text += f"\nFormula and options: :doc:`{record.name} </losses/{record.name}>`.\n"
    if kind == "class" and (members := _members(found)):
        text += f"   :members: {', '.join(members)}\n"
    examples = f"\n.. minigallery:: {full_name}\n" if module == "maskloss" else ""
    return text + examples


def _signature(found):
    """Return the signature of a class; autodoc would show the signature of a mocked base."""
    _, *parameters = inspect.signature(found.__init__).parameters.values()
    shown = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    return str(inspect.Signature(shown))


def _members(found):
    """Return the documented methods that our own classes add; a class of a loss has none."""
    if record_of(getattr(found, "loss", None)) or record_of(getattr(found, "function", None)):
        return []
    ours = [base for base in found.__mro__ if base.__module__.startswith("maskloss")]
    names = {
        name
        for base in ours
        for name, member in vars(base).items()
        if not name.startswith("_") and inspect.isfunction(member) and member.__doc__
    }
    return sorted(names - {"forward", "call"})


def api_index():
    """Return the list of all public names."""
    text = heading("API")
    text += (
        "Every public name. The losses take the :doc:`same keywords </keywords>`; each has a "
        "picture in :doc:`/losses/index`.\n\n"
    )
    listed = []
    for module, title in MODULES.items():
        text += heading(title.replace("`", "``"), "-") + ".. list-table::\n   :widths: 40 60\n\n"
        for full_name, page in public().items():
            if full_name.rpartition(".")[0] == module:
                short = full_name.rpartition(".")[2]
                text += f"   * - :doc:`{short} </{page}>`\n     - {summary(full_name)}\n"
                if page.startswith("api/"):
                    listed.append(page)
        text += "\n"
    entries = "".join(f"   /{page}\n" for page in listed)
    return f"{text}.. toctree::\n   :hidden:\n\n{entries}"
