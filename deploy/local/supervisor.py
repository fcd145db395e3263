"""Start all parts, each as soon as what it needs is ready, watch them, and stop them in reverse."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from deploy.local.errors import LocalPartsError, PartFailedError
from deploy.local.folder import Folder
from deploy.local.keeper import Keeper, Standing
from deploy.local.parts import Part

READY_SECONDS = 240.0


class Supervisor:
    """A running system of parts."""

    def __init__(self, parts: Sequence[Part], folder: Folder, say: Callable[[str], None]) -> None:
        self._change = threading.Condition(threading.RLock())
        self._keepers = {part.name: Keeper(part, folder, self._change, say) for part in parts}
        self._stop_asked = False
        if unknown := {need for part in parts for need in part.needs} - set(self._keepers):
            sentence = f"Parts are needed that are not there: {', '.join(sorted(unknown))}."
            raise ValueError(sentence)

    def start(self) -> None:
        """Start every part and return when all are ready; stop all and raise if one fails."""
        for keeper in self._keepers.values():
            keeper.begin(lambda needs=keeper.part.needs: self._all_ready(needs))
        try:
            with self._change:
                self._change.wait_for(lambda: self._over() or self._all_ready(self._keepers))
        except BaseException:
            self.stop()
            raise
        self._raise_failure()

    def wait(self) -> None:
        """Watch until somebody asks to stop; raise if a part gives up."""
        with self._change:
            self._change.wait_for(self._over)
        self._raise_failure()

    def ask_to_stop(self) -> None:
        """End `wait`, from a signal handler or another thread."""
        with self._change:
            self._stop_asked = True
            self._change.notify_all()

    def stop(self) -> None:
        """Stop every part, those first that nothing else needs; each has its own patience."""
        self.ask_to_stop()
        with ThreadPoolExecutor(max_workers=max(1, len(self._keepers))) as pool:
            for rank in ranks([keeper.part for keeper in self._keepers.values()]):
                list(pool.map(Keeper.end, [self._keepers[name] for name in rank]))

    def kill(self, name: str) -> None:
        """Kill a part as a crash would; it is started again at once and counts as no crash."""
        self._keepers[name].kill()

    def restart(self, name: str) -> None:
        """Stop a part in its own way and start it again."""
        self._keepers[name].restart()

    def wait_ready(self, name: str, seconds: float = READY_SECONDS) -> None:
        """Wait until a part is ready (again)."""
        keeper = self._keepers[name]
        with self._change:
            self._change.wait_for(
                lambda: self._over() or keeper.standing is Standing.READY, timeout=seconds
            )
        self._raise_failure()
        if keeper.standing is not Standing.READY:
            sentence = f"{name} was not ready within {seconds:.0f} s."
            raise PartFailedError(sentence)

    def pid(self, name: str) -> int | None:
        """Say which process a part runs as."""
        return self._keepers[name].pid

    def _all_ready(self, names: Iterable[str]) -> bool:
        return all(self._keepers[name].standing is Standing.READY for name in names)

    def _failed(self) -> Keeper | None:
        standing = (k for k in self._keepers.values() if k.standing is Standing.FAILED)
        return next(standing, None)

    def _over(self) -> bool:
        return self._stop_asked or self._failed() is not None

    def _raise_failure(self) -> None:
        failed = self._failed()
        if failed is None:
            return
        with contextlib.suppress(LocalPartsError):
            self.stop()
        raise failed.failure or PartFailedError(f"{failed.part.name} is no longer watched.")


def ranks(parts: Sequence[Part]) -> list[list[str]]:
    """Put parts in ranks, so that everything that needs a part stands in an earlier rank."""
    left = {part.name: set(part.needs) for part in parts}
    ranks: list[list[str]] = []
    while left:
        needed = {need for needs in left.values() for need in needs}
        rank = [name for name in left if name not in needed]
        if not rank:
            sentence = f"These parts need each other in a circle: {', '.join(sorted(left))}."
            raise ValueError(sentence)
        ranks.append(rank)
        for name in rank:
            del left[name]
    return ranks
