"""The account that PostgreSQL runs under, because it refuses to run as root.

An ordinary user runs PostgreSQL as themselves. Root runs it as the system account `throughline`, made once with
`useradd` (`nobody` where there is no `useradd`), or as whoever owns the data folder already. That account has to
reach the data folder and the programs, which may lie under a closed home such as a 0700 `/root`: each closed folder
on the way then gets an access-control entry that lets this one account pass through it and nothing more, neither
listing nor reading. Nobody else gains anything, and no mode bit of another class changes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from apps.stack.errors import CannotStart

_ACCOUNT_NAME = "throughline"
_READ = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
_EXECUTE = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH

# On-disk form of a POSIX ACL in its extended attribute: linux/posix_acl_xattr.h.
_ACL_ATTRIBUTE = "system.posix_acl_access"
_ACL_VERSION = 2
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID = 0xFFFFFFFF
_SEARCH = 1


@dataclass(frozen=True)
class Account:
    """A system account by its numbers."""

    uid: int
    gid: int


def account_for(data_dir: Path) -> Account | None:
    """The account to run PostgreSQL under, or None for "as we are". Makes the system account if needed."""
    if os.geteuid() != 0:
        return None
    if data_dir.exists() and data_dir.stat().st_uid != 0:
        return Account(uid=data_dir.stat().st_uid, gid=data_dir.stat().st_gid)
    for name in (_ACCOUNT_NAME, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            if not _make_account(name):
                continue
            entry = pwd.getpwnam(name)
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise CannotStart("PostgreSQL refuses to run as root and no other account can be made; run this as a user.")


def _make_account(name: str) -> bool:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if name != _ACCOUNT_NAME or useradd is None:
        return False
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", name]
    made = subprocess.run(command, capture_output=True, check=False)
    # 9: somebody else made it at the same moment.
    return made.returncode in (0, 9)


def let_pass(account: Account, path: Path) -> None:
    """Let `account` pass through every folder above `path`. Raises `CannotStart` where that is impossible."""
    for folder in path.resolve().parents:
        if _may_search(folder, account):
            continue
        try:
            _grant_search(folder, account.uid)
        except (OSError, AttributeError) as error:
            raise CannotStart(
                f"PostgreSQL cannot run as root and its account cannot pass through {folder}; "
                "set DATA_DIR to a folder that others may enter, or run this as an ordinary user."
            ) from error


def let_read(account: Account, tree: Path) -> None:
    """Let everybody read what the wheel put into `tree`; an install under umask 077 leaves it to root alone."""
    let_pass(account, tree)
    if _may_search(tree, account) and (tree / "bin" / "postgres").stat().st_mode & stat.S_IXOTH:
        return
    for folder, _, files in os.walk(tree):
        os.chmod(folder, os.stat(folder).st_mode | _READ | _EXECUTE)
        for name in files:
            path = os.path.join(folder, name)
            mode = os.stat(path).st_mode
            os.chmod(path, mode | _READ | (_EXECUTE if mode & stat.S_IXUSR else 0))


def give(account: Account | None, folder: Path) -> None:
    """Make `account` the owner of `folder` and everything in it, where it is not yet."""
    if account is None or folder.stat().st_uid == account.uid:
        return
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.lchown(os.path.join(parent, name), account.uid, account.gid)
    os.chown(folder, account.uid, account.gid)


def _may_search(folder: Path, account: Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if _ACL_ATTRIBUTE in _attributes(folder):
        entries = _acl(folder)
        # A later chmod of the folder narrows the mask, and with it what every named entry still grants.
        mask = next((perm for tag, perm, _ in entries if tag == _MASK), 0)
        return any(tag == _USER and who == account.uid and perm & mask & _SEARCH for tag, perm, who in entries)
    bit = stat.S_IXGRP if found.st_gid == account.gid else stat.S_IXOTH
    return bool(found.st_mode & bit)


def _attributes(folder: Path) -> list[str]:
    try:
        return os.listxattr(folder)
    except (OSError, AttributeError):
        return []


def _acl(folder: Path) -> list[tuple[int, int, int]]:
    if _ACL_ATTRIBUTE in _attributes(folder):
        body = os.getxattr(folder, _ACL_ATTRIBUTE)[4:]
        return [(tag, perm, who) for tag, perm, who in struct.iter_unpack("<HHI", body)]
    mode = folder.stat().st_mode
    classes = ((_USER_OBJ, 6), (_GROUP_OBJ, 3), (_OTHER, 0))
    return [(tag, (mode >> shift) & 7, _NO_ID) for tag, shift in classes]


def _grant_search(folder: Path, uid: int) -> None:
    entries = [(tag, perm, who) for tag, perm, who in _acl(folder) if tag != _MASK and (tag, who) != (_USER, uid)]
    entries.append((_USER, _SEARCH, uid))
    mask = 0
    for tag, perm, _ in entries:
        if tag not in (_USER_OBJ, _OTHER):
            mask |= perm
    entries.append((_MASK, mask, _NO_ID))
    # The kernel takes the entries only in the order of their tags, and of the ids within a tag.
    packed = b"".join(struct.pack("<HHI", *entry) for entry in sorted(entries, key=lambda e: (e[0], e[2])))
    os.setxattr(folder, _ACL_ATTRIBUTE, struct.pack("<I", _ACL_VERSION) + packed)
