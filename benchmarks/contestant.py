"""A contestant in a process of its own: what one does to its memory is not the other's.

glibc, for example, keeps large temporaries for the next once one of them was freed, whoever's.
"""

import importlib
import multiprocessing
import os

from arrays import SMOKE
from room import NoRoomError


class Contestant:
    """One side of the tasks of a library.

    Parameters
    ----------
    library : str
        Whose tasks.
    side : str
        "ours" or "theirs".
    sizes : Sizes
        How large the arrays are.
    """

    def __init__(self, library, side, sizes):
        context = multiprocessing.get_context("spawn")
        self._pipe, pipe = context.Pipe()
        arguments = (pipe, library, side, sizes)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        pipe.close()

    def ask(self, what, *arguments):
        """Return what the process answers, or raise that it has no room."""
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
    from contest import Side

    makers, current = _tasks(library), None
    while True:
        try:
            what, *arguments = pipe.recv()
        except EOFError:
            return
        if what == "names":
            pipe.send([make(SMOKE).name for make in makers])
        elif what == "take":
            current = None  # whose arrays go first
            try:
                current = Side(makers[arguments[0]](sizes), side)
                pipe.send(current.spec())
            except NoRoomError as reason:
                pipe.send(reason)
        else:
            pipe.send(getattr(current, what)())


def _tasks(library):
    os.environ["KERAS_BACKEND"] = "jax"  # which is read when Keras is imported
    if library == "torch":
        import torch

        torch.set_num_threads(2)
    return importlib.import_module(f"tasks_{library}").TASKS
