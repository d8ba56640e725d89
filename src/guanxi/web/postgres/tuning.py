"""The configuration of the embedded PostgreSQL: a small server that shares its machine with Guanxi itself."""

import os
from pathlib import Path

MIB = 2**20
GIB = 2**30


def memory() -> int:
    """Bytes of memory this process may count on: the machine's, or the container's where that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            machine = min(machine, int(Path(limit).read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such group, or "max"
            continue
    return machine


def configuration(socket_directory: Path, *, connections: int, durable: bool, available: int | None = None) -> str:
    """The text of guanxi.conf. `durable=False` is for tests, whose data nobody will miss."""
    ram = available or memory()
    settings: dict[str, str | int] = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{str(socket_directory).replace(chr(39), chr(39) * 2)}'",
        "unix_socket_permissions": "0700",
        "max_connections": connections,
        "password_encryption": "'scram-sha-256'",
        "shared_buffers": _mib(ram // 8, low=64 * MIB, high=4 * GIB),
        "effective_cache_size": _mib(ram // 2, low=256 * MIB, high=64 * GIB),
        "work_mem": _mib(ram // 512, low=4 * MIB, high=32 * MIB),
        "maintenance_work_mem": _mib(ram // 16, low=64 * MIB, high=GIB),
        "max_wal_size": "'2GB'",
        "min_wal_size": "'128MB'",
        "checkpoint_timeout": "'15min'",
        "checkpoint_completion_target": "0.9",
        "wal_compression": "off",  # these binaries have but pglz, which takes more of a core than the disk saves
        "random_page_cost": "1.1",
        "jit": "off",  # compiling costs more than our short queries take
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.05",
        "idle_in_transaction_session_timeout": "'10min'",
        "timezone": "'UTC'",
        "lc_messages": "'C'",
        "logging_collector": "on",
        "log_directory": "'../log'",
        "log_filename": "'postgresql-%a.log'",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "'1d'",
        "log_rotation_size": 0,
        "log_timezone": "'UTC'",
        "log_line_prefix": "'%m [%p] %u '",
        "synchronous_commit": "on",
        "fsync": "on",
        "full_page_writes": "on",
    }
    if not durable:
        settings |= {"synchronous_commit": "off", "fsync": "off", "full_page_writes": "off"}
    lines = [f"{name} = {value}" for name, value in settings.items()]
    head = "# Written by Guanxi at every start. Settings of your own go into local.conf beside it, which wins."
    return "\n".join([head, *lines, ""])


def _mib(size: int, *, low: int, high: int) -> str:
    return f"'{min(max(size, low), high) // MIB}MB'"
