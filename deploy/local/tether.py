"""Become a part's program, tied to the supervisor: even its `kill -9` ends the part too.

Run as `python -I -S tether.py SUPERVISOR SIGNAL UID GID PROGRAM ARGUMENT…`; a UID of -1 keeps the
account. A program of its own, because code between fork and exec must not run in a process with
threads, and because Linux forgets the tie whenever the account changes.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become(supervisor: int, signal: int, account: tuple[int, int], command: list[str]) -> None:
    """Take the account, tie this process to the supervisor and run the command in its place."""
    uid, gid = account
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
    # The supervisor may have died before the tie was made.
    if os.getppid() != supervisor:
        sys.exit("The supervisor is gone.")
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"{command[0]} cannot be started: {error.strerror}.")


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), (int(sys.argv[3]), int(sys.argv[4])), sys.argv[5:])
