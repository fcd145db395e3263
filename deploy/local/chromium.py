"""Find a Chromium for the browser tests, or bring one, as root or without any rights.

`python -m deploy.local.chromium` prints its path. Nothing of it is needed to run Dichtbij.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.local.errors import LocalPartsError, MissingToolError
from deploy.local.folder import CHECKOUT

VARIABLE = "DICHTBIJ_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNPACKED = CHECKOUT / ".local" / "chromium"
UPDATE = ("apt-get", "-q", "update")
INSTALL = ("apt-get", "-q", "install", "-y", "--no-install-recommends", "chromium")
APT_SECONDS = 900

#: Programs of a Debian package find their files at fixed places; these are told otherwise.
WRAPPER = """\
#!/bin/sh
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/root
for folder in "$here"/usr/lib/*-linux-gnu* "$here"/lib/*-linux-gnu*; do
  libraries="$folder:$folder/nss:$folder/pulseaudio:${libraries:-}"
done
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:-}"
if ! [ -e /etc/fonts/fonts.conf ]; then
  export FONTCONFIG_FILE="$here/../fonts.conf"
fi
exec "$here/usr/lib/chromium/chromium" "$@"
"""
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">root/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def find() -> Path | None:
    """Give the Chromium that is there already, if one is there and starts."""
    named = os.environ.get(VARIABLE)
    if named:
        if _starts(Path(named)):
            return Path(named)
        sentence = f"{VARIABLE} says {named}, but no Chromium starts there."
        raise MissingToolError(sentence)
    found = [Path(path) for name in NAMES if (path := shutil.which(name))]
    return next((path for path in (*found, UNPACKED / "chromium") if _starts(path)), None)


def ensure(say: Callable[[str], None]) -> Path:
    """Give a Chromium, bringing one from the system's packages if there is none."""
    found = find()
    if found:
        return found
    say("No Chromium is here yet, and the browser tests need one: bringing it by apt-get.")
    if shutil.which("apt-get") and _bring(say) and (found := find()):
        return found
    sentence = (
        "The browser tests need Chromium, and it could not be brought by apt-get. Install it "
        f"(Debian: `apt-get install chromium`) or name one by {VARIABLE}=/path/to/chromium."
    )
    raise MissingToolError(sentence)


def _bring(say: Callable[[str], None]) -> bool:
    """Install as root, else with sudo where that asks no password, else unpack for us alone."""
    if os.geteuid() == 0:
        return _did(UPDATE) and _did(INSTALL)
    if shutil.which("sudo") and _did(("sudo", "-n", "true")):
        return _did(("sudo", "-n", *UPDATE)) and _did(("sudo", "-n", *INSTALL))
    say(f"This account may not install packages: unpacking Chromium in {UNPACKED} instead.")
    return unpack(UNPACKED)


def unpack(into: Path) -> bool:
    """Download Chromium and what it needs and this machine lacks, and unpack it without rights."""
    fresh = into.with_name(f"{into.name}.part-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    archives, lists, root = fresh / "archives", fresh / "lists", fresh / "root"
    for folder in (archives / "partial", lists / "partial", root):
        folder.mkdir(parents=True)
    # Lists and archives of our own, for those of the system may be empty and are root's.
    options = (
        *("-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={fresh}"),
        *("-o", f"Dir::Cache::archives={archives}", "-o", "Debug::NoLocking=1"),
    )
    try:
        if not _did((*UPDATE, *options)) or not _did((*INSTALL, "--download-only", *options)):
            return False
        packages = sorted(archives.glob("*.deb"))
        if not packages or not all(_did(("dpkg", "-x", str(deb), str(root))) for deb in packages):
            return False
        (fresh / "fonts.conf").write_text(FONTS, encoding="utf-8")
        wrapper = fresh / "chromium"
        wrapper.write_text(WRAPPER, encoding="utf-8")
        wrapper.chmod(0o755)
        shutil.rmtree(archives)
        shutil.rmtree(lists)
        for cache in fresh.glob("*.bin"):
            cache.unlink()
        shutil.rmtree(into, ignore_errors=True)
        fresh.rename(into)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return True


def _did(command: Sequence[str]) -> bool:
    """Run a command, with its output where errors go, and say whether it succeeded."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        answer = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            timeout=APT_SECONDS,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0


def _starts(path: Path) -> bool:
    """Say whether it is a browser that runs; some systems keep a stub under the name."""
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout


def main() -> int:
    """Print the path of a Chromium, or say what to do."""
    try:
        found = ensure(lambda sentence: print(sentence, file=sys.stderr))
    except LocalPartsError as error:
        print(error, file=sys.stderr)
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
