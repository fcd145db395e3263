"""Apache Kafka on one node, both broker and controller, small enough for a laptop."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from deploy.local.errors import LocalPartsError
from deploy.local.folder import CHECKOUT
from deploy.local.java import find_java
from deploy.local.kafka_jars import LIB, ensure_jars
from deploy.local.parts import Part, answers

#: It grows with the topics: the tests alone make those of some hundred installations.
HEAP = ("-Xms128m", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
LOG4J = CHECKOUT / "deploy" / "kafka" / "log4j2.xml"

SETTINGS = """\
# Written at every start. One node: copies and quorums of one.
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
log.dirs={data}
# A topic is made from the catalogue, with its partitions and retention, or not at all.
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
# A machine that was off for a month still continues where it stopped.
offsets.retention.minutes=129600
# The default, 128 MB, does not fit the heap.
log.cleaner.dedupe.buffer.size=16777216
# After a kill the broker waits until its earlier self is forgotten: 4 s instead of 9.
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
num.network.threads=2
num.io.threads=4
"""


def kafka(folder: Path, port: int, controller_port: int, say: Callable[[str], None]) -> Part:
    """Describe the broker, with its data in the folder; jars are downloaded at the first start."""
    settings = folder / "server.properties"
    data = folder / "data"
    ports = {"port": port, "controller_port": controller_port}

    def prepare() -> None:
        ensure_jars(say)
        folder.mkdir(parents=True, exist_ok=True)
        _format(folder, data, ports)
        settings.write_text(SETTINGS.format(data=data, **ports), encoding="utf-8")

    return Part(
        name="kafka",
        command=(*_java(*HEAP), "kafka.Kafka", str(settings)),
        prepare=prepare,
        ready=answers(port, _API_VERSIONS, lambda answer: answer[4:8] == _API_VERSIONS[8:12]),
        patience=20.0,
        address=f"127.0.0.1:{port}",
    )


#: The request every client sends first: API 18, version 0, correlation 77, client id "ready".
_API_VERSIONS = bytes.fromhex("0000000f 0012 0000 0000004d 0005") + b"ready"


def _java(*options: str) -> tuple[str, ...]:
    # Java expands the star itself: the jars need not be there yet.
    logging = f"-Dlog4j2.configurationFile={LOG4J}"
    return (find_java(), *options, logging, "-cp", f"{LIB}/*")


def _format(folder: Path, data: Path, ports: dict[str, int]) -> None:
    """Give the data folder its identity, in a folder beside it that is then put in its place."""
    if data.exists():
        return
    fresh = folder / "data.part"
    shutil.rmtree(fresh, ignore_errors=True)
    settings = folder / "format.properties"
    settings.write_text(SETTINGS.format(data=fresh, **ports), encoding="utf-8")
    tool = (*_java("-Xmx64m", "-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool")
    identity = _run(*tool, "random-uuid").splitlines()[-1].strip()
    _run(*tool, "format", "--standalone", "-t", identity, "-c", str(settings))
    fresh.rename(data)


def _run(*command: str) -> str:
    answer = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    if answer.returncode != 0:
        sentence = f"Kafka's folder could not be formatted:\n{answer.stdout}{answer.stderr}"
        raise LocalPartsError(sentence)
    return answer.stdout
