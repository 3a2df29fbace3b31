"""What the documentation says of other libraries holds in the version that it names."""

import importlib
import importlib.util
import re
from pathlib import Path

import pytest

from tables.peers.claims import CLAIMS

NAMES = [f"{k}: {claim}" for k, claim in enumerate(CLAIMS)]
DOCS = Path(__file__).parents[2] / "docs"


def _is_installed(claim):
    if importlib.util.find_spec(claim.library) is None:
        return False
    version = importlib.import_module(claim.library).__version__
    return f"{version}.".startswith(f"{claim.version}.")


@pytest.mark.parametrize("claim", CLAIMS, ids=NAMES)
def test_the_page_names_the_version(claim):
    page = re.sub(r"\s+", " ", (DOCS / claim.page).read_text(encoding="utf-8"))
    assert claim.words in page
    assert claim.version in claim.words


@pytest.mark.parametrize("claim", CLAIMS, ids=NAMES)
def test_the_library_does_what_the_page_says(claim):
    if not _is_installed(claim):
        pytest.skip(f"{claim.library} {claim.version} is not installed")
    claim.check(importlib.import_module(claim.library))
