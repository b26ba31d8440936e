"""Many letters: made in this process, and on the other cores too where what is left to do is worth starting them."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Generic, TypeVar

from letter_templates.render import Template

R = TypeVar("R")
BATCH = 64  # letters: what one process takes at a time
PAYS = 3.0  # seconds of work left from which another process pays: it needs about one to begin
AHEAD = 2  # batches that wait at each other process


@dataclass(frozen=True)
class Job:
    """One letter: the name of its template, what `Template.render` wants, and what `work` wants beside the letter."""

    template: str
    context: dict[str, Any]
    properties: dict[str, str]
    about: Any = None


Work = Callable[[list[tuple[bytes, Any]]], list[R]]  # letters with what their jobs say about them -> one answer each; runs in other processes too


def hashes(letters: list[tuple[bytes, Any]]) -> list[str]:
    """The work that is a look only: the SHA-256 of each letter."""
    return [hashlib.sha256(content).hexdigest() for content, _ in letters]


@dataclass
class Letters(Generic[R]):
    """Makes letters and does `work` on each batch of them; `templates` by the names their jobs say. Where a letter is made changes nothing in it."""

    templates: Mapping[str, Template]
    work: Work[R]
    cores: int = field(default_factory=lambda: os.cpu_count() or 1)

    def answers(self, jobs: Sequence[Job]) -> Iterator[list[R]]:
        """The answers of the jobs, batch by batch, in their order. Raises what rendering and `work` raise."""
        waiting = deque(enumerate(list(jobs[at : at + BATCH]) for at in range(0, len(jobs), BATCH)))
        done, elsewhere = dict[int, list[R]](), dict[int, tuple[Future[list[R]], list[Job]]]()
        began, total, told, others = perf_counter(), len(waiting), 0, self.cores - 1
        with ExitStack() as stack:
            pool: ProcessPoolExecutor | None = None
            while told < total:
                while pool and waiting and len(elsewhere) < AHEAD * others:
                    at, batch = waiting.popleft()
                    elsewhere[at] = pool.submit(_made_elsewhere, batch), batch
                if waiting:
                    at, batch = waiting.popleft()
                    done[at] = self.made(batch)
                    left = (perf_counter() - began) / (at + 1) * len(waiting)
                    if pool is None and others and left > PAYS:
                        pool = stack.enter_context(self._pool())
                while told in done or (told in elsewhere and (elsewhere[told][0].done() or not waiting)):
                    if told in elsewhere:
                        future, batch = elsewhere.pop(told)
                        try:
                            done[told] = future.result()
                        except BrokenProcessPool:  # the system ended it, for want of memory perhaps: this one goes on alone
                            done[told], pool, others = self.made(batch), None, 0
                    yield done.pop(told)
                    told += 1

    def _pool(self) -> ProcessPoolExecutor:
        """Other processes, begun afresh as on every system: they hold nothing of this one but the templates."""
        afresh = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.cores - 1, afresh, _begin, (Letters(self.templates, self.work, 1),))

    def made(self, batch: Sequence[Job]) -> list[R]:
        """The answers of one batch, made here."""
        return self.work([(self.templates[job.template].render(job.context, job.properties), job.about) for job in batch])


_letters: list[Letters[Any]] = []  # of another process: what it was begun with


def _begin(letters: Letters[Any]) -> None:
    _letters[:] = [letters]


def _made_elsewhere(batch: Sequence[Job]) -> list[Any]:
    return _letters[0].made(batch)
