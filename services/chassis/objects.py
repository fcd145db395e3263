"""S3 by boto3, off the event loop: buckets, objects, and the errors that may pass by themselves."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from services.chassis.settings import ServiceSettings

Bucket = Literal["originals", "renditions", "public"]
BUCKETS: tuple[Bucket, ...] = ("originals", "renditions", "public")

ResultT = TypeVar("ResultT")


class ObjectsUnavailableError(Exception):
    """The S3 server is away or answers with an error of its own."""


class ObjectMissingError(KeyError):
    """There is no object under this key."""


OBJECTS_TRANSIENT: tuple[type[Exception], ...] = (ObjectsUnavailableError,)


@dataclass(frozen=True)
class StoredObject:
    """An object's bytes and what was said about them when they were stored."""

    content: bytes
    media_type: str


class ObjectStore:
    """Objects by bucket and key; every call runs in a thread, since boto3 blocks."""

    def __init__(self, settings: ServiceSettings, *, threads: int = 8) -> None:
        """Prepare a client; nothing connects until the first call."""
        self._prefix = settings.s3_bucket_prefix
        self._client = boto3.client(  # pyright: ignore[reportUnknownMemberType] - one of 400 overloads
            "s3",
            endpoint_url=settings.s3_endpoint,
            region_name=settings.s3_region,
            aws_access_key_id=settings.s3_access_key,
            aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=3,
                read_timeout=20,
                retries={"total_max_attempts": 2, "mode": "standard"},
                max_pool_connections=threads * 2,
                # Not every S3 server knows the newer trailing checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="s3")

    def close(self) -> None:
        """Let the threads end; calls under way are finished first."""
        self._threads.shutdown(wait=True)
        self._client.close()

    def _bucket(self, bucket: Bucket) -> str:
        return f"{self._prefix}-{bucket}"

    async def _call(self, call: Callable[[], ResultT]) -> ResultT:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            code = error.response.get("Error", {}).get("Code", "")
            if code in {"NoSuchKey", "404", "NotFound"}:
                raise ObjectMissingError(code) from None
            message = f"S3 answered {status} {code}"
            raise ObjectsUnavailableError(message) from error
        except (BotoCoreError, OSError) as error:
            raise ObjectsUnavailableError(type(error).__name__) from error

    async def create_buckets(self) -> None:
        """Create the three buckets where they are missing."""

        def create() -> None:
            existing = {b.get("Name") for b in self._client.list_buckets().get("Buckets", [])}
            for bucket in BUCKETS:
                if self._bucket(bucket) not in existing:
                    self._client.create_bucket(Bucket=self._bucket(bucket))

        await self._call(create)

    async def put(
        self, bucket: Bucket, key: str, content: bytes, media_type: str, cache: str = "private"
    ) -> None:
        """Store an object; the same key and content again changes nothing."""
        await self._call(
            lambda: self._client.put_object(
                Bucket=self._bucket(bucket),
                Key=key,
                Body=content,
                ContentType=media_type,
                CacheControl=cache,
            )
        )

    async def get(self, bucket: Bucket, key: str) -> StoredObject:
        """Read an object whole. Raises ObjectMissingError, ObjectsUnavailableError."""

        def read() -> StoredObject:
            answer = self._client.get_object(Bucket=self._bucket(bucket), Key=key)
            return StoredObject(answer["Body"].read(), answer.get("ContentType", ""))

        return await self._call(read)

    async def copy(self, source: tuple[Bucket, str], target: tuple[Bucket, str]) -> None:
        """Copy an object inside S3. Raises ObjectMissingError, ObjectsUnavailableError."""
        await self._call(
            lambda: self._client.copy_object(
                Bucket=self._bucket(target[0]),
                Key=target[1],
                CopySource={"Bucket": self._bucket(source[0]), "Key": source[1]},
            )
        )

    async def delete(self, bucket: Bucket, key: str) -> bool:
        """Delete an object; says whether it was there."""

        def remove() -> bool:
            if not self._exists(bucket, key):
                return False
            self._client.delete_object(Bucket=self._bucket(bucket), Key=key)
            return True

        return await self._call(remove)

    async def exists(self, bucket: Bucket, key: str) -> bool:
        """Whether there is an object under this key."""
        return await self._call(lambda: self._exists(bucket, key))

    def _exists(self, bucket: Bucket, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket(bucket), Key=key)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:  # noqa: PLR2004
                return False
            raise
        return True

    async def keys(self, bucket: Bucket, prefix: str) -> list[str]:
        """List the keys that begin with a prefix, all pages of them."""

        def collect() -> list[str]:
            pages: Any = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket(bucket), Prefix=prefix
            )
            return [o["Key"] for page in pages for o in page.get("Contents", [])]

        return await self._call(collect)

    async def reachable(self) -> bool:
        """Whether the S3 server answers and knows our buckets."""
        try:
            await self._call(lambda: self._client.head_bucket(Bucket=self._bucket("public")))
        except (ObjectsUnavailableError, ObjectMissingError):
            return False
        return True
