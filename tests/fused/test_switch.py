"""When compiled loops are used, and what happens where they cannot be."""

import os
import shutil
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import maskloss as ml
from maskloss._fused import fallback, numba_kernel, record, switch

X = np.ones((40, 40), "float32")


def test_a_block_and_a_function_switch_it():
    @ml.fused()
    def inside():
        return switch.is_fused()

    with ml.fused(False):
        assert not switch.is_fused()
        assert inside()
        with ml.fused():
            assert switch.is_fused()
        assert not switch.is_fused()


def test_the_argument_is_a_flag():
    with pytest.raises(TypeError, match="enabled"), ml.fused(1):
        pass


def run(code, **environment):
    """Return what a fresh interpreter prints."""
    command = [sys.executable, "-c", f"import maskloss as ml, numpy as np; {code}"]
    environment = {**os.environ, **environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip().rpartition("\n")[2]


CALL = "ml.mse_loss(np.ones((400, 40)), np.ones((400, 40)))"
USED = f"{CALL}; import sys; print('numba' in sys.modules)"


def test_the_environment_switches_it_for_a_process():
    assert run(USED, MASKLOSS_FUSED="1") == "True"
    assert run(USED, MASKLOSS_FUSED="0") == "False"
    assert run(USED, MASKLOSS_FUSED="") == "False"
    assert "MASKLOSS_FUSED must be 1 or 0, got 'yes'" in run(USED, MASKLOSS_FUSED="yes")


def test_loops_run_in_python_where_numba_is_told_not_to_compile():
    x = "np.ones((400, 40))"
    call = f"print(*map(float, ml.mse_loss({x}, 0 * {x}, mask={x} > 0, reduction='sums')))"
    assert run(call, MASKLOSS_FUSED="1", NUMBA_DISABLE_JIT="1") == "16000.0 16000.0 16000.0"


def test_without_numba_the_error_says_what_to_install():
    code = f"import sys; sys.modules['numba'] = None; {USED}"
    assert 'pip install "maskloss[fast]"' in run(code, MASKLOSS_FUSED="1")


def test_a_compiler_that_fails_warns_once(monkeypatch):
    tried = []

    def loop(*_):
        tried.append(1)
        msg = "not today"
        raise numba_kernel.NumbaError(msg)

    monkeypatch.setattr(numba_kernel, "_compiled", lambda _: loop)
    monkeypatch.setattr(record, "_RECORDINGS", {})
    fallback.warn_once.cache_clear()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        values = [ml.quantile_loss(X, 0 * X, quantile=0.125) for _ in range(3)]
    assert [float(value) for value in values] == [0.875] * 3
    assert ["not today" in str(warning.message) for warning in caught] == [True]
    assert tried == [1]


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    """The loop is compiled in each process."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert numba_kernel._stored("name", "text") is None


def test_a_folder_in_which_numba_can_keep_nothing(tmp_path):
    """As that of another user, or of an image: it has the source of a loop."""
    folder = {"MASKLOSS_FUSED": "1", "XDG_CACHE_HOME": str(tmp_path)}
    run(CALL, **folder)
    kept = tmp_path / "maskloss" / "__pycache__"
    shutil.rmtree(kept)
    for numba_folder in (kept, tmp_path / "numba"):
        numba_folder.write_text("")
    assert run(f"print({CALL})", HOME=os.devnull, **folder) == "0.0"


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_damaged_file_is_not_used(tmp_path, suffix):
    folder = {"MASKLOSS_FUSED": "1", "XDG_CACHE_HOME": str(tmp_path)}
    run(CALL, **folder)
    (file,) = tmp_path.glob(f"*/*/*.{suffix}")
    file.write_bytes(b"")
    assert run(f"print({CALL})", **folder) == "0.0"


def test_threads_share_a_loop(monkeypatch):
    """Each would compile its own."""

    def slow(_):
        time.sleep(0.1)
        return object()

    monkeypatch.setattr(numba_kernel, "_LOOPS", {})
    monkeypatch.setattr(numba_kernel, "_made", slow)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(numba_kernel._compiled, ["text"] * 4))) == 1


def test_a_loop_is_read_from_its_file(tmp_path):
    """The second process compiles nothing."""
    code = f"{CALL}; from maskloss._fused import numba_kernel as k, record as r; "
    code += "print([v._loop.stats.cache_hits.total() for v in next(iter(r._RECORDINGS.values()))"
    code += ".kernels.values()])"
    found = [run(code, MASKLOSS_FUSED="1", XDG_CACHE_HOME=str(tmp_path)) for _ in range(2)]
    assert found == ["[0]", "[1]"]
