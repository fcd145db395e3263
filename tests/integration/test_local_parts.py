"""The real Kafka, PostgreSQL and S3 under the supervisor: kills, ports, leftovers, refusals."""

# aiokafka has no types of its own.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import os
import re
import stat
import subprocess
from collections.abc import Generator

import boto3
import psutil
import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError
from botocore.config import Config
from botocore.exceptions import ClientError
from mypy_boto3_s3 import S3Client

from deploy.local.stack import Stack

STORES = ("kafka", "postgres", "s3")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    # Deeper than a Unix socket's path may be long, and closed to every other account.
    above = tmp_path_factory.mktemp("stores")
    above.chmod(0o700)
    stack = Stack(above / ("a-deep-checkout-" * 7) / "local", only=STORES)
    with stack:
        yield stack
    stack.forget()


def bucket_client(stack: Stack) -> S3Client:
    environment = stack.environment()
    return boto3.client(  # pyright: ignore[reportUnknownMemberType]
        "s3",
        endpoint_url=environment["DICHTBIJ_S3_ENDPOINT"],
        aws_access_key_id=environment["DICHTBIJ_S3_ACCESS_KEY"],
        aws_secret_access_key=environment["DICHTBIJ_S3_SECRET_KEY"],
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


async def test_kafka_killed_comes_back_on_its_port_with_its_records(stack: Stack) -> None:
    bootstrap = stack.environment()["DICHTBIJ_KAFKA_BOOTSTRAP"]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    await producer.send_and_wait("kept", b"before the kill")
    await producer.stop()

    stack.kill("kafka")
    stack.wait_ready("kafka", 60)

    consumer = AIOKafkaConsumer("kept", bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    record = await consumer.getone()
    await consumer.stop()
    assert record.value == b"before the kill"


async def test_kafka_makes_no_topic_that_nobody_declared(stack: Stack) -> None:
    bootstrap = stack.environment()["DICHTBIJ_KAFKA_BOOTSTRAP"]
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    await producer.start()
    with pytest.raises(UnknownTopicOrPartitionError):
        await producer.partitions_for("a-topic-with-a-typing-error")
    await producer.stop()

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    topics = await admin.list_topics()
    await admin.close()
    assert "a-topic-with-a-typing-error" not in topics


def test_postgres_killed_comes_back_on_its_port_with_what_was_committed(stack: Stack) -> None:
    url = stack.environment()["DICHTBIJ_DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("create table kept (line text)")
        connection.execute("insert into kept values ('before the kill')")
    busy = psycopg.connect(url)
    busy.execute("select 1")

    stack.kill("postgres")
    stack.wait_ready("postgres")

    with psycopg.connect(url) as connection:
        assert connection.execute("select line from kept").fetchall() == [("before the kill",)]
        assert connection.execute("show max_connections").fetchone() == ("200",)
        assert str(connection.execute("show server_version").fetchone()).startswith("('18.")
    busy.close()


def test_postgres_starts_although_its_old_number_belongs_to_another_process(stack: Stack) -> None:
    url = stack.environment()["DICHTBIJ_DATABASE_URL"]
    stale = stack.root / "postgres" / "data" / "postmaster.pid"
    lines = stale.read_text().splitlines()

    # Of the same account as the server, which may not signal those of others.
    account = "nobody" if os.geteuid() == 0 else None
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, user=account) as stranger:
        # What a kill leaves, with a number that has been given to somebody else since.
        lines[0] = str(stranger.pid)
        stale.write_text("\n".join(lines))
        stack.kill("postgres")
        stack.wait_ready("postgres")
        assert stranger.poll() is None
        stranger.communicate(b"\n")

    with psycopg.connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_postgres_refuses_a_wrong_password(stack: Stack) -> None:
    url = stack.environment()["DICHTBIJ_DATABASE_URL"]
    wrong = re.sub(r":[0-9a-f]{64}@", ":wrong@", url)

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_s3_killed_comes_back_on_its_port_with_its_objects(stack: Stack) -> None:
    client = bucket_client(stack)
    client.create_bucket(Bucket="kept")
    client.put_object(Bucket="kept", Key="a/photo.jpg", Body=b"before the kill")

    stack.kill("s3")
    stack.wait_ready("s3")

    answer = client.get_object(Bucket="kept", Key="a/photo.jpg")
    assert answer["Body"].read() == b"before the kill"


def test_s3_refuses_who_has_no_key(stack: Stack) -> None:
    client = bucket_client(stack)
    stranger = boto3.client(  # pyright: ignore[reportUnknownMemberType]
        "s3",
        endpoint_url=client.meta.endpoint_url,
        aws_access_key_id="stranger",
        aws_secret_access_key="stranger",
        region_name="us-east-1",
    )

    with pytest.raises(ClientError, match=r"InvalidAccessKeyId|AccessDenied|SignatureDoesNotMatch"):
        stranger.list_buckets()


def test_no_key_stands_on_a_command_line_or_in_a_file_that_others_can_read(stack: Stack) -> None:
    secrets = [
        value
        for name, value in stack.environment().items()
        if name.endswith(("_SECRET_KEY", "_RECEIPT_KEY", "_PRIVATE_KEY"))
    ]
    lines = [" ".join(psutil.Process(stack.pid(name)).cmdline()) for name in STORES]
    assert not [line for line in lines for secret in secrets if secret in line]

    keys = list((stack.root / "keys").iterdir())
    assert len(keys) == 5
    assert not [key for key in keys if key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
