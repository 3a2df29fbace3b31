"""Independent work on a few threads, with results in order."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# So few that threads end at about the same time.
PIECES_PER_THREAD = 2


def run_in_threads(
    work: Callable[[T], R], pieces: Sequence[T], limit: int | None = None
) -> Iterator[R]:
    """Yield the results of `work` on each piece; NumPy's loops release the GIL."""
    number = threads_for(len(pieces), limit)
    return _share(_Shared(work, pieces), number) if number > 1 else map(work, pieces)


def threads_for(pieces: int, limit: int | None = None) -> int:
    """Return the number of threads that share a number of pieces."""
    number = pieces // PIECES_PER_THREAD
    return min(number, limit or number_of_threads()) if number > 1 else 1


def _share(shared: _Shared[T, R], number: int) -> Iterator[R]:
    """Yield results in order; the caller's thread works too.

    A thread that only waits wakes for each result: with 4096 x 1000 entries, the squared error took
    longer on two threads than on one.
    """
    # Each call starts its own threads: a forked process would not have those of an earlier call.
    helpers = _start(shared.help, number - 1)
    try:
        while shared.results:
            yield shared.next_result()
    finally:
        shared.stop()
        for helper in helpers:
            helper.join()


def _start(work: Callable[[], None], number: int) -> list[threading.Thread]:
    """Return the threads that start: none at the limit of a container, or at the exit of Python."""
    started: list[threading.Thread] = []
    for _ in range(number):
        thread = threading.Thread(target=work)
        try:
            thread.start()
        except (RuntimeError, MemoryError):
            break
        started.append(thread)
    return started


class _Shared(Generic[T, R]):
    """A queue of pieces that any thread may take, and the results in order."""

    def __init__(self, work: Callable[[T], R], pieces: Sequence[T]) -> None:
        self._work = work
        self.results: deque[Future[R]] = deque(Future() for _ in pieces)
        self._waiting = deque(zip(pieces, self.results, strict=True))

    def help(self) -> None:
        """Work until the queue is empty; each result holds its error."""
        with contextlib.suppress(BaseException):
            while self._work_on_next():
                pass

    def next_result(self) -> R:
        """Return the next result, and work on other pieces until it is there."""
        result = self.results.popleft()
        try:
            while not result.done() and self._work_on_next():
                pass
            return result.result()
        finally:
            del result  # or the traceback of its exception keeps all its arrays alive

    def stop(self) -> None:
        """Drop pending work: the traceback of a stored exception keeps all its arrays alive."""
        self._waiting.clear()
        self.results.clear()

    def _work_on_next(self) -> bool:
        try:
            piece, result = self._waiting.popleft()
        except IndexError:
            return False
        try:
            result.set_result(self._work(piece))
        except BaseException as error:
            result.set_exception(error)
            if not isinstance(error, Exception):
                raise  # at once; an `Exception` is raised when its result is next
        finally:
            del result
        return True


def number_of_threads() -> int:
    """Return the number of threads: MASKLOSS_NUM_THREADS, or that of the processors, at most 8."""
    asked = os.environ.get("MASKLOSS_NUM_THREADS", "")
    if asked:
        try:
            return max(1, int(asked))
        except ValueError:
            msg = (
                f"the environment variable MASKLOSS_NUM_THREADS must be an integer, the number of "
                f"threads, got {asked!r}; set it to 1 or more, or not at all"
            )
            raise ValueError(msg) from None
    available = getattr(os, "sched_getaffinity", None)
    return min(8, len(available(0)) if available else os.cpu_count() or 1)
