"""The time of an import in a fresh interpreter."""

import functools
import os
import subprocess
import sys

from task import Target, Task


def fresh(statement):
    """Return a run that times a statement, without the start of the interpreter."""
    code = f"import time; s = time.perf_counter(); {statement}; print(time.perf_counter() - s)"
    # Keep bytecode, as an installed package does.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command, options = [sys.executable, "-c", code], {"env": environment, "text": True}

    def run():
        return (float(subprocess.check_output(command, **options)),)

    return run


def importing(statement, target, _):
    return Task(
        statement,
        "import numpy",
        target,
        fresh(statement),
        fresh("import numpy"),
        counter=None,
        repeat=5,
        clock=lambda run: run()[0],
    )


TASKS = (
    functools.partial(importing, "import maskloss", Target(3.0)),
    functools.partial(importing, "from maskloss import mse_loss", Target()),
)
