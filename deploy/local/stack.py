"""The whole system as a list of parts, for `make run` and for the tests alike."""

import contextlib
import shutil
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import desk_password, external, postgres_room
from deploy.local.addresses import Address, addresses, curators
from deploy.local.errors import SettingError
from deploy.local.folder import Folder
from deploy.local.kafka import kafka
from deploy.local.keys import keep_keys
from deploy.local.mastodon import mastodon
from deploy.local.parts import Part, answers_http, python
from deploy.local.ports import choose_and_remember
from deploy.local.postgres import postgres, url
from deploy.local.processes import end_leftovers
from deploy.local.s3 import s3
from deploy.local.supervisor import READY_SECONDS, Supervisor

SERVICES = ("ingest", "moderation", "gallery")

#: What `make run` asks for; whatever is taken is replaced by a free port.
PREFERRED_PORTS = {
    "ingest-web": 8001,
    "moderation-web": 8002,
    "gallery-web": 8003,
    "sample": 8004,
    "mastodon": 8005,
    "ingest-stream": 8011,
    "moderation-stream": 8012,
    "gallery-stream": 8013,
    "postgres": 5432,
    "s3": 9000,
    "kafka": 9092,
    "kafka-controller": 9093,
}


def to_stderr(sentence: str) -> None:
    """Tell the person at the terminal what happens."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


class Stack:
    """The running system, with all its state in one folder.

    `ports` are preferences by part, see PREFERRED_PORTS; a part without one gets any free port.
    `environment` adds to what every process of ours is given; a Kafka, PostgreSQL or S3 named there
    is used instead of being started. `only` names the parts to start, where not all are wanted.
    """

    def __init__(
        self,
        root: Path,
        *,
        ports: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        only: Collection[str] | None = None,
        say: Callable[[str], None] = to_stderr,
    ) -> None:
        self._folder = Folder(root)
        self.root = self._folder.root
        self._preferred = dict(ports or {})
        self._given = dict(environment or {})
        self._only = only
        self._say = say
        self._until_stopped = contextlib.ExitStack()

    def start(self) -> None:
        """Start every part and return when all are ready."""
        external.check(self._given)
        self._folder.make()
        with contextlib.ExitStack() as until_stopped:
            until_stopped.enter_context(self._folder.locked())
            end_leftovers(self._folder, self._say)
            memory = self.root / "ports.json"
            self.ports = choose_and_remember(PREFERRED_PORTS, self._preferred, memory)
            self.keys = keep_keys(self._folder)
            self._supervisor = Supervisor(self._parts(), self._folder, self._say)
            until_stopped.callback(self._supervisor.stop)
            self._supervisor.start()
            self._until_stopped = until_stopped.pop_all()

    def stop(self) -> None:
        """Stop every part in reverse order and let go of the folder."""
        self._until_stopped.close()

    def forget(self) -> None:
        """Remove everything that a stopped stack has kept, to start from nothing."""
        if not self.root.exists():
            return
        with self._folder.locked():
            postgres_room.forget(self.root / "postgres")
            shutil.rmtree(self.root)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait(self) -> None:
        """Watch until `ask_to_stop`; raise if a part cannot be kept running."""
        self._supervisor.wait()

    def ask_to_stop(self) -> None:
        """End `wait`."""
        self._supervisor.ask_to_stop()

    def kill(self, name: str) -> None:
        """Kill a part's processes as a crash would; the supervisor starts it again."""
        self._supervisor.kill(name)

    def restart(self, name: str) -> None:
        """Stop a part in its own way; the supervisor starts it again."""
        self._supervisor.restart(name)

    def wait_ready(self, name: str, seconds: float = READY_SECONDS) -> None:
        """Wait until a part is ready, also after `kill` or `restart`."""
        self._supervisor.wait_ready(name, seconds)

    def pid(self, name: str) -> int | None:
        """Say which process a part runs as."""
        return self._supervisor.pid(name)

    def logs(self, name: str) -> str:
        """Read what a part wrote since its last start."""
        return self._folder.log(name).read_text(encoding="utf-8", errors="replace")

    def addresses(self) -> list[Address]:
        """List the addresses a person opens, the desk's with its user and password."""
        told = self.root / "sample" / "applied.json"
        known = self.environment()
        return [*addresses(known, self.desk_password), *curators(known, told)]

    @property
    def desk_password(self) -> str:
        """The password of the local coordinator, empty before the first start."""
        return desk_password.read(self._folder)

    def environment(self) -> dict[str, str]:
        """Give the variables by which a process of ours finds everything."""
        ports, keys = self.ports, self.keys
        return {
            "DICHTBIJ_KAFKA_BOOTSTRAP": f"127.0.0.1:{ports['kafka']}",
            "DICHTBIJ_DATABASE_URL": url(ports["postgres"], keys.database_password),
            "DICHTBIJ_S3_ENDPOINT": f"http://127.0.0.1:{ports['s3']}",
            "DICHTBIJ_S3_ACCESS_KEY": keys.s3_access_key,
            "DICHTBIJ_S3_SECRET_KEY": keys.s3_secret_key,
            "DICHTBIJ_INGEST_URL": f"http://localhost:{ports['ingest-web']}",
            "DICHTBIJ_MODERATION_URL": f"http://localhost:{ports['moderation-web']}",
            "DICHTBIJ_GALLERY_URL": f"http://localhost:{ports['gallery-web']}",
            "DICHTBIJ_MAGAZINE_URL": f"http://localhost:{ports['sample']}",
            "DICHTBIJ_MASTODON_URL": f"http://127.0.0.1:{ports['mastodon']}",
            "DICHTBIJ_SAMPLE_PORT": str(ports["sample"]),
            "DICHTBIJ_SESSION_PRIVATE_KEY": keys.session_private_key,
            "DICHTBIJ_SESSION_PUBLIC_KEY": keys.session_public_key,
            "DICHTBIJ_RECEIPT_KEY": keys.receipt_key,
            # The sample's feed and Mastodon server are on this machine, where fetching may not go.
            "DICHTBIJ_FETCH_ALLOW": ",".join(
                f"{host}:{ports[part]}"
                for host in ("localhost", "127.0.0.1")
                for part in ("sample", "mastodon")
            ),
            "DICHTBIJ_LOG_FORMAT": "json",
            "DICHTBIJ_HOST": "127.0.0.1",
            **self._given,
        }

    def _parts(self) -> list[Part]:
        """Leave out what is given or not wanted, also from the needs of the others."""
        processes = [self._migrate(), *self._services(), *self._sample()]
        known = [*external.VARIABLES, *(part.name for part in processes)]
        wanted = set(known if self._only is None else self._only)
        if unknown := sorted(wanted - set(known)):
            sentence = f"There is no part {', '.join(unknown)}. The parts are: {', '.join(known)}."
            raise SettingError(sentence)
        wanted -= external.parts(self._given)
        kept = [*self._stores(wanted), *(part for part in processes if part.name in wanted)]
        return [_without(part, wanted) for part in kept]

    def _stores(self, wanted: Collection[str]) -> list[Part]:
        """Describe only the stores that are wanted: what is given needs no Java here."""
        root, ports, keys = self.root, self.ports, self.keys
        makers: dict[str, Callable[[], Part]] = {
            "kafka": lambda: kafka(
                root / "kafka", ports["kafka"], ports["kafka-controller"], self._say
            ),
            "postgres": lambda: postgres(
                root / "postgres", ports["postgres"], keys.database_password, self._say
            ),
            "s3": lambda: s3(root / "s3", ports["s3"], keys.s3_access_key, keys.s3_secret_key),
        }
        return [make() for name, make in makers.items() if name in wanted]

    def _migrate(self) -> Part:
        return Part(
            name="migrate",
            command=python("services", "migrate"),
            needs=("kafka", "postgres", "s3"),
            environment=self.environment(),
            one_shot=True,
            finished=lambda: desk_password.take(self._folder),
        )

    def _services(self) -> list[Part]:
        return [
            self._process(f"{service}-{role}", python("services", service, role), ("migrate",))
            for service in SERVICES
            for role in ("stream", "web")
        ]

    def _sample(self) -> list[Part]:
        processes = [f"{service}-{role}" for service in SERVICES for role in ("stream", "web")]
        return [
            mastodon(self.root / "mastodon", self.ports["mastodon"]),
            self._process("sample", python("deploy.sample", "serve"), (), ready_path="/"),
            Part(
                name="sample-apply",
                command=python("deploy.sample", "apply"),
                needs=(*processes, "sample", "mastodon"),
                environment=self.environment(),
                one_shot=True,
                # A story that cannot be told must not take the system away.
                essential=False,
            ),
        ]

    def _process(
        self,
        name: str,
        command: tuple[str, ...],
        needs: tuple[str, ...],
        *,
        ready_path: str = "/readyz",
    ) -> Part:
        port = self.ports[name]
        return Part(
            name=name,
            command=command,
            needs=needs,
            environment={**self.environment(), "DICHTBIJ_PORT": str(port)},
            ready=answers_http(port, ready_path),
            address=f"http://127.0.0.1:{port}",
        )


def _without(part: Part, names: Collection[str]) -> Part:
    return replace(part, needs=tuple(need for need in part.needs if need in names))
