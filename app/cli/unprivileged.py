"""Who the embedded server runs as when we are root, which PostgreSQL refuses to be."""

import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"

    def own(self, tree: Path) -> None:
        """Give the account the directory and everything in it."""
        os.chown(tree, self.uid, self.gid)
        for path in tree.rglob("*"):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def open_way(self, *paths: Path) -> list[Path]:
        """Return the directories above `paths` that had to be made searchable for the account."""
        above = sorted({directory for path in paths for directory in path.parents})
        return [directory for directory in above if self._allow(directory, stat.S_IXOTH)]

    def open_tree(self, tree: Path) -> list[Path]:
        """Return what in `tree`, itself included, had to be made readable for the account."""
        return [path for path in _everything(tree) if self._allow(path, _reading(path))]

    def _allow(self, path: Path, bits: int) -> bool:
        """Add the missing ones of `bits` (given as for others); tell whether there were any."""
        status = path.stat()
        wanted = bits << (6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0)
        if status.st_mode & wanted == wanted:
            return False
        path.chmod(stat.S_IMODE(status.st_mode) | wanted)
        return True


def account_for(directory: Path) -> Account | None:
    """Return whom to run as: the directory's owner or `nobody`; None unless we are root."""
    if os.geteuid() != 0:
        return None
    if directory.exists() and (status := directory.stat()).st_uid != 0:
        return Account(status.st_uid, status.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _everything(tree: Path) -> Iterator[Path]:
    yield tree
    yield from tree.rglob("*")


def _reading(path: Path) -> int:
    """Return what reading takes; a directory and a program want `x` too."""
    executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
    return stat.S_IROTH | (stat.S_IXOTH if executable else 0)
