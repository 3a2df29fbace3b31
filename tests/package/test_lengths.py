"""How long a module is: one that grows past its limit has more than one subject."""

import pytest

from helpers.package import ROOT, SOURCE


@pytest.mark.parametrize(
    ("folder", "most"), [(SOURCE, 300), (ROOT / "tests", 400)], ids=["src", "tests"]
)
def test_modules_can_be_read_at_once(folder, most):
    lengths = {
        path.relative_to(folder).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in folder.rglob("*.py")
    }
    assert lengths
    assert {name: length for name, length in lengths.items() if length > most} == {}
