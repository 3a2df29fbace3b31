"""What `compare` writes to a terminal or a file, and what it does if it cannot."""

import io
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from maskloss._cli import main
from maskloss._cli._errors import UserError
from maskloss._cli._read import read_table
from maskloss._cli._terminal import accept_any_text, check_writable, standard_output


@pytest.fixture
def table(tmp_path):
    """Write a table with escape sequences in its name and header, and return its path."""
    path = tmp_path / "\x1b[2Jtable.csv"
    path.write_text("ill,\x1b[31mred\n1,1.5\n0,2.5\n,3.5\n")
    return str(path)


def test_escape_sequences_are_escaped(table, capsys):
    found = read_table(table, labels="ill")
    assert found.feature_names == ("\\x1b[31mred",)
    assert found.name == "\\x1b[2Jtable.csv"
    assert main(["compare", table, "--labels", "\x1b[31m"]) == 2
    assert main(["compare", "\x1b[2J\udcffabsent", "--labels", "ill"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_ctrl_c_is_one_line(table, capsys, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("maskloss._cli._compare.run", interrupted)
    assert main(["compare", table, "--labels", "ill"]) == 130
    assert capsys.readouterr().err == "maskloss: interrupted\n"


def test_an_output_that_can_be_written_is_left_as_it_was(tmp_path):
    new, old, link = (tmp_path / name for name in ("new.png", "old.png", "link.png"))
    old.write_text("picture")
    link.symlink_to(new)
    for path in (new, old, link):
        check_writable(str(path))
    assert not new.exists()
    assert link.is_symlink()
    assert old.read_text() == "picture"


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs pipes with a path")
def test_a_pipe_may_be_the_output():
    ends = os.pipe()
    try:
        check_writable(f"/dev/fd/{ends[1]}")
    finally:
        for end in ends:
            os.close(end)


@pytest.mark.parametrize("option", ["--save-model", "--output"])
def test_a_folder_is_no_output(option, tmp_path):
    with pytest.raises(UserError, match=rf"{option} .*: cannot be written: .*; name another file"):
        check_writable(str(tmp_path), option)


def test_an_output_that_cannot_be_written_is_found_before_the_fits(
    table, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("maskloss._cli._present.cross_validate", None)
    (tmp_path / "a.png").symlink_to(tmp_path / "absent" / "a.png")
    assert main(["compare", table, "--labels", "ill", "--output", str(tmp_path / "a.png")]) == 2
    assert "cannot be written: No such file" in capsys.readouterr().err


def test_a_full_disk_is_an_error(monkeypatch):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(UserError, match="No space left"), standard_output():
            print("scores")


def test_a_reader_who_left_ends_the_command_quietly(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as left:
        monkeypatch.setattr(sys, "stdout", left)
        with pytest.raises(SystemExit) as stop, standard_output():
            print("scores")
    assert stop.value.code == 1


def test_a_terminal_of_ascii_shows_escapes(monkeypatch):
    written = io.BytesIO()
    terminal = io.TextIOWrapper(written, encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", terminal)
    accept_any_text()
    print("größe")
    assert written.getvalue() == b"gr\\xf6\\xdfe\n"


@pytest.mark.parametrize("command", ["compare", "inspect", "doctor"])
def test_closed_streams_are_an_error(command, table):
    """Python has no stream in place of a closed one."""
    more = [] if command == "doctor" else [table, "--labels", "ill"]
    code = f"import sys; from maskloss._cli import main; sys.exit(main({[command, *more]}))"
    run = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} >&-"
    done = subprocess.run(["sh", "-c", run], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard output is closed" in done.stderr
    assert done.stderr.count("\n") == 1
    done = subprocess.run(["sh", "-c", f"{run} 2>&-"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (2, b"")
