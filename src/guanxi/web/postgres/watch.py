"""The process between Guanxi and PostgreSQL: starts the server and ends it when its last user is gone.

Every process that uses the database holds a shared lock on one file. The system drops the lock when the process ends,
also by kill -9, so this process needs only to wait for the exclusive one. Run by `cluster.py`; imports no Django.
"""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

PR_SET_PDEATHSIG = 1


def main(described: str) -> int:
    """Watch the server that the JSON describes: binary, cluster, lock files, the user it runs as."""
    task = json.loads(described)
    watching = os.open(task["watch_lock"], os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(watching, fcntl.LOCK_EX)
    server = subprocess.Popen(  # noqa: S603
        [task["postgres"], "-D", task["cluster"]],
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=task["environment"],
        preexec_fn=_die_with_parent,  # noqa: PLW1509 # there are no threads yet
        **task["identity"],
    )
    for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signal_number, lambda *_: server.send_signal(signal.SIGINT))
    threading.Thread(target=_stop_when_unused, args=(server, Path(task["users_lock"])), daemon=True).start()
    return server.wait()


def _stop_when_unused(server: subprocess.Popen[bytes], users_lock: Path) -> None:
    users = os.open(users_lock, os.O_RDWR | os.O_CREAT, 0o600)
    # Kept until this process ends: whoever comes meanwhile waits for the server to be down, then starts it anew.
    fcntl.flock(users, fcntl.LOCK_EX)
    server.send_signal(signal.SIGINT)  # fast shutdown: a clean checkpoint, without waiting for clients


def _die_with_parent() -> None:
    """Have Linux stop the server cleanly should this process be killed. Elsewhere the next start stops it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
