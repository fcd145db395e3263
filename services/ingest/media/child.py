"""The process that decodes: one photo after another, with nothing to steal and little to break.

It reads a request and a photo from its standard input, answers on its standard output, and ends
when its input does, which is also what happens when the service is killed.
"""

import os
import resource
import signal
import sys
from math import ceil
from typing import BinaryIO

from PIL import GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

from services.ingest.media import wire
from services.ingest.media.inspection import inspect
from services.ingest.media.photo import PhotoRefusedError, RefusalReason
from services.ingest.media.rendering import render

#: Loaded before the limits close the door on opening files.
WARM = (GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)


def main() -> None:
    """Serve photos until the input ends."""
    memory_bytes, cpu_seconds, jobs = (int(argument) for argument in sys.argv[1:4])
    requests, replies = sys.stdin.buffer, _private_output()
    # A signal to the whole group (Ctrl-C, a service manager's stop) is the service's to answer:
    # a child that died of it would make an innocent photo look like a hostile one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _confine(memory_bytes, cpu_seconds * jobs)
    # From here on a failure is a photo's; before, it is the installation's.
    replies.write(wire.framed(wire.READY))
    replies.flush()
    while prefix := requests.read(wire.LENGTH_BYTES):
        header = wire.header_from(requests.read(wire.length_of(prefix)))
        length = header["bytes"]
        content = requests.read(length if isinstance(length, int) else 0)
        _allow_cpu(cpu_seconds)
        if not _serve(header, content, replies):
            return


def _private_output() -> BinaryIO:
    """Keep the answers to ourselves: what a C library prints goes nowhere."""
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return replies


def _confine(memory_bytes: int, cpu_seconds: int) -> None:
    """Give up what decoding does not need: memory, time, files, core dumps of photos.

    The number of processes stays as it is: libheif decodes in a thread of its own however it is
    asked, and without leave to start one it ends the process. Root is not bound by that limit, so
    HEIC photos would be refused only where services run as they should.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    for nothing in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(nothing, (0, 0))


def _allow_cpu(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = min(hard, ceil(used.ru_utime + used.ru_stime) + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _serve(header: wire.Header, content: bytes, replies: BinaryIO) -> bool:
    """Do one job; after a failure of the decoder itself this child is not to be used again."""
    usable = True
    body: list[bytes] = []
    try:
        if header["work"] == "inspect":
            reply = wire.facts_header(inspect(content))
        else:
            renditions = render(content, credit=wire.credit_from(header))
            reply = wire.renditions_header(renditions)
            body = [rendition.content for rendition in renditions]
    except PhotoRefusedError as error:
        reply = wire.refusal_header(error)
        usable = error.reason is not RefusalReason.DECODER_FAILED
    # The last line of defence: an encoder that fails is a lost photo, not a lost service.
    except Exception as error:  # noqa: BLE001
        cause = "memory" if isinstance(error, MemoryError) else type(error).__name__
        reply = wire.refusal_header(PhotoRefusedError(RefusalReason.DECODER_FAILED, cause=cause))
        usable = False
    replies.write(wire.framed(reply))
    replies.writelines(body)
    replies.flush()
    return usable


if __name__ == "__main__":
    main()
