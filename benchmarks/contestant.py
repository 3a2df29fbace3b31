"""A contestant in a process of its own, so that the two do not share an allocator.

Once any code has freed a large block, glibc keeps such blocks for the next allocation of the
process; in one process, the second contestant would profit from the first.
"""

import importlib
import multiprocessing
import os

from arrays import SMOKE
from room import NoRoomError
from side import Side


class Contestant:
    """Our side or the peer's side of the tasks of a library.

    Parameters
    ----------
    library : str
        The library: its tasks are in `tasks_<library>.py`.
    side : str
        "ours" or "theirs".
    sizes : Sizes
        The shapes of the arrays.
    """

    def __init__(self, library, side, sizes):
        context = multiprocessing.get_context("spawn")
        self._pipe, pipe = context.Pipe()
        arguments = (pipe, library, side, sizes)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        pipe.close()

    def ask(self, what, *arguments):
        """Return the answer of the process; raise `NoRoomError` if the task does not fit."""
        self._pipe.send((what, *arguments))
        answer = self._pipe.recv()
        if isinstance(answer, NoRoomError):
            raise answer
        return answer

    def stop(self):
        """End the process."""
        self._pipe.close()
        self._process.join()


def _serve(pipe, library, side, sizes):
    makers, current = _tasks(library), None
    while True:
        try:
            what, *arguments = pipe.recv()
        except EOFError:
            return
        if what == "names":
            pipe.send([make(SMOKE).name for make in makers])
        elif what == "take":
            current = None  # free the arrays of the last task first
            try:
                current = Side(makers[arguments[0]](sizes), side)
                pipe.send(current.spec())
            except NoRoomError as reason:
                pipe.send(reason)
        else:
            pipe.send(getattr(current, what)())


def _tasks(library):
    os.environ["KERAS_BACKEND"] = "jax"  # read when Keras is imported
    if library == "torch":
        import torch

        torch.set_num_threads(2)
    return importlib.import_module(f"tasks_{library}").TASKS
