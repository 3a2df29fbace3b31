"""The configuration of the documentation site; `nox -s docs` builds it."""

import os
import sys
from pathlib import Path

# Keras imports no backend but this one.
os.environ.setdefault("KERAS_BACKEND", "torch")
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from _site.inventories import inventories

import maskloss

# Where the site will be; the version switcher and the social card need absolute addresses.
BASE = os.environ.get("DOCS_BASE_URL", "").rstrip("/")

project = "maskloss"
author = "The maskloss developers"
project_copyright = author
version = release = maskloss.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "_site.mathml",
    "_site.links",
    "_site.pages",
    "_site.outputs",
    "_site.benchmarks",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = [
    "_site",
    "gallery/*.ipynb",
    "gallery/*.py",
    "sg_execution_times.rst",
    "**/sg_execution_times.rst",
]
templates_path = ["_templates"]
nitpicky = True
nitpick_ignore = [("py:obj", "metric"), ("py:obj", "params")]  # attributes without a page
default_role = "public"

myst_enable_extensions = ["colon_fence", "dollarmath", "attrs_inline"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

intersphinx_mapping = inventories(HERE / "_inventories", HERE / "_build_inventories")

sphinx_gallery_conf = {
    "examples_dirs": str(HERE.parent / "examples" / "gallery"),
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "backreferences_dir": "gallery/_functions",
    "doc_module": ("maskloss",),
    "plot_gallery": os.environ.get("DOCS_GALLERY", "1") == "1",
    "abort_on_example_error": True,
    "min_reported_time": 20,
    "show_memory": False,
    "show_signature": False,
    "download_all_examples": False,
    "remove_config_comments": True,
    "nested_sections": False,
    "within_subsection_order": "FileNameSortKey",
    "matplotlib_animations": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "maskloss"
html_baseurl = BASE and f"{BASE}/"
html_static_path = ["_static"]
html_css_files = ["maskloss.css"]
html_favicon = "_static/logo.svg"
html_copy_source = True
html_show_sourcelink = False
html_sidebars = {"index": [], "start": []}
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {
        "text": "maskloss",
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo.svg",
    },
    "header_links_before_dropdown": 7,
    "icon_links": [
        {"name": "PyPI", "url": "https://pypi.org/project/maskloss/", "icon": "fa-brands fa-python"}
    ],
    "navbar_end": ["theme-switcher", "navbar-icon-links"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "back_to_top_button": False,
}
if BASE:
    html_theme_options |= {
        "switcher": {"json_url": f"{BASE}/_static/switcher.json", "version_match": version},
        "check_switcher": False,
        "navbar_start": ["navbar-logo", "version-switcher"],
    }
