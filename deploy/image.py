"""Builds the image without a container engine and starts each of its commands on the real parts.

`python -m deploy.image`, as root on Debian or Ubuntu. Nothing is pulled: the base image is made
from Debian's own packages under the name of the official one, with its minor version of Python.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from deploy.local.ports import choose
from deploy.local.stack import SERVICES, Stack, to_stderr

CHECKOUT = Path(__file__).resolve().parents[1]
FOLDER = CHECKOUT / ".local" / "image"
IMAGE = "localhost/dichtbij:proof"
BASE = "docker.io/library/python:3.11-slim-bookworm"
RELEASE = "bookworm"
PACKAGES = "python3,python3-pip,python3-venv,ca-certificates,tzdata"
PROCESSES = tuple((service, role) for service in SERVICES for role in ("stream", "web"))
READY_SECONDS = 120
#: The official image's.
PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


class ProofError(Exception):
    """The image is not what it should be; the message says in what."""


def buildah(*arguments: str) -> str:
    """Run buildah on a storage of our own and give what it printed."""
    command = (*_buildah(), *arguments)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=CHECKOUT)
    if done.returncode:
        sentence = f"`buildah {' '.join(arguments)}` ended with {done.returncode}"
        raise ProofError(sentence)
    return done.stdout.strip()


def _buildah() -> tuple[str, ...]:
    storage = ("--root", str(FOLDER / "storage"), "--runroot", str(FOLDER / "run"))
    return ("buildah", *storage, "--storage-driver", "vfs")


def prepare_tools() -> None:
    """Install buildah and debootstrap where they are missing."""
    missing = [tool for tool in ("buildah", "debootstrap") if shutil.which(tool) is None]
    if os.geteuid() != 0:
        sentence = "Building an image without an engine needs root: run it with sudo."
        raise ProofError(sentence)
    if missing:
        to_stderr(f"Installing {' and '.join(missing)}.")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ("apt-get", "install", "-qq", "-y", "--no-install-recommends", *missing)
        for command in (("apt-get", "update", "-qq"), install):
            subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=True)


def prepare_base() -> None:
    """Make an image under the name of the base, once."""
    if BASE in buildah("images", "--format", "{{.Name}}:{{.Tag}}"):
        return
    to_stderr(f"Making a base under the name {BASE}.")
    root = FOLDER / "base"
    if not (root / "usr/bin/python3").exists():
        shutil.rmtree(root, ignore_errors=True)
        bootstrap = (
            "debootstrap",
            "--variant=minbase",
            f"--include={PACKAGES}",
            RELEASE,
            str(root),
        )
        subprocess.run(bootstrap, stdout=subprocess.DEVNULL, check=True)
    # The official image has its Python in /usr/local, and trusts what this machine trusts.
    for name in ("python", "python3"):
        link = root / "usr/local/bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to("/usr/bin/python3")
    for name in ("etc/ssl/certs/ca-certificates.crt", "etc/pip.conf"):
        if (own := Path("/") / name).exists():
            shutil.copyfile(own, root / name)
    container = buildah("from", "scratch")
    buildah("copy", "--quiet", container, str(root), "/")
    buildah("config", "--env", f"PATH={PATH}", "--cmd", "python3", container)
    buildah("commit", "--quiet", "--rm", container, BASE)


def build() -> None:
    """Build the image as `docker build -f deploy/Dockerfile .` would."""
    to_stderr("Building the image.")
    how = ("--isolation=chroot", "--network=host", "--format=docker", "--pull-never", "--quiet")
    buildah("bud", *how, "-f", "deploy/Dockerfile", "-t", IMAGE, ".")


class Container:
    """A container of the image, in which its commands run one by one or side by side."""

    def __init__(self, name: str) -> None:
        self._name = name

    def command(self, arguments: tuple[str, ...], environment: Mapping[str, str]) -> list[str]:
        """Give the command line that runs something in here as the image's own user."""
        variables = [f"--env={name}={value}" for name, value in environment.items()]
        run = ("run", "--isolation=chroot", *variables, self._name, "--", *arguments)
        return [*_buildah(), *run]

    def output(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run something to its end and give what it printed."""
        command = self.command(arguments, environment or {})
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sentence = f"`{' '.join(arguments)}` ended with {done.returncode}: {done.stdout[-500:]}"
            raise ProofError(sentence)
        return done.stdout


@contextmanager
def container() -> Generator[Container]:
    """Make a container and remove it at the end."""
    name = buildah("from", "--pull-never", IMAGE)
    try:
        yield Container(name)
    finally:
        buildah("rm", name)


def prove_contents(inside: Container) -> None:
    """Insist on the user, on files that it cannot change, and on the absence of build tools."""
    if (user := inside.output("id", "-u").strip()) != "10001":
        sentence = f"The image runs as user {user}, not as 10001."
        raise ProofError(sentence)
    search = "find /opt/dichtbij /app /etc /usr -writable ! -type l 2>/dev/null"
    writable = set(inside.output("sh", "-c", f"{search} | head").split()) - {"/app/.local"}
    if writable:
        sentence = f"The image's user can change {', '.join(sorted(writable))}."
        raise ProofError(sentence)
    unwanted = inside.output("sh", "-c", "ls /opt/dichtbij/bin | grep -x pip; which gcc cc make; :")
    if unwanted:
        sentence = f"The image has build tools: {unwanted}"
        raise ProofError(sentence)
    if "dead-letters" not in inside.output("dichtbij", "--help"):
        sentence = "`dichtbij --help` does not list the commands."
        raise ProofError(sentence)
    to_stderr("The image runs as 10001, changes nothing of its own and has no build tools.")


def prove_processes(inside: Container, parts: Mapping[str, str]) -> None:
    """Migrate, start the six processes, wait until all are ready, and end them politely."""
    to_stderr(inside.output("dichtbij", "migrate", environment=parts).splitlines()[-1])
    ports = choose([f"{service}-{role}" for service, role in PROCESSES], {})
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for service, role in PROCESSES:
            name = f"{service}-{role}"
            environment = {**parts, "DICHTBIJ_PORT": str(ports[name])}
            with (FOLDER / f"{name}.log").open("wb") as log:
                running[name] = subprocess.Popen(
                    inside.command(("dichtbij", service, role), environment),
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
        for name, process in running.items():
            for path in ("/livez", "/readyz"):
                _await(name, process, f"http://127.0.0.1:{ports[name]}{path}")
            probed = {"DICHTBIJ_PORT": str(ports[name])}
            inside.output("python", "-m", "deploy.probe", environment=probed)
            to_stderr(f"{name} is alive and ready, and its health check says so.")
    finally:
        for process in running.values():
            _terminate(process)
        for name, process in running.items():
            to_stderr(f"{name} ended with {process.wait(30)}.")


def _terminate(process: subprocess.Popen[bytes]) -> None:
    """Tell the process in the container to stop, as an engine does; not what runs the container."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for each in psutil.Process(process.pid).children(recursive=True):
            # Another process of the container may end while they are looked through.
            with contextlib.suppress(psutil.NoSuchProcess):
                if "services" in each.cmdline() and each.name().startswith("python"):
                    each.terminate()
                    return
        process.terminate()


def _await(name: str, process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=10) as answer:  # noqa: S310 - our own address
                if answer.status == 200:  # noqa: PLR2004 - HTTP's own number
                    return
        except (URLError, OSError):
            time.sleep(0.5)
    tail = (FOLDER / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-2000:]
    sentence = f"{name} did not answer {url}. Its last words:\n{tail}"
    raise ProofError(sentence)


def main() -> int:
    """Prove the image from nothing; says which step failed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        prepare_tools()
        prepare_base()
        build()
        with container() as inside:
            prove_contents(inside)
            with Stack(FOLDER / "parts", only=("kafka", "postgres", "s3")) as stack:
                environment = stack.environment()
                prove_processes(inside, environment)
    except (ProofError, subprocess.CalledProcessError) as error:
        to_stderr(f"The image is not proven: {error}")
        return 1
    to_stderr("The image is proven.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
