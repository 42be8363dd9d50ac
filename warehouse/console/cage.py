"""
What the kernel holds a worker to, whatever the engine in it is talked into.

Landlock (Linux 5.13; the network from 6.7) takes the file system and the network away for good,
but for reading Python's own files. Where the kernel has none the limits still stand; the worker
says which it is. Numbers are those of linux/landlock.h.
"""

import ctypes
import os
import resource
import struct
import sys
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PR_SET_NO_NEW_PRIVS = 38
ASK_VERSION = 1
RULE_PATH_BENEATH = 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
# How many rights on files each version of the interface knows.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
MANY_FILE_RIGHTS = 16
NET_RIGHTS_SINCE, SCOPES_SINCE = 4, 6

SPARE_BYTES = 384 * 2**20  # of results in the making, beside what the engine counts


def limit(memory_mb: int) -> None:
    """Bound memory to what is in use now and the engine's share; write no file, leave no core."""
    used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    most = used + memory_mb * 2**20 + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(kind, (0, 0))
    os.nice(5)  # whoever waits before a camera comes first


def shut() -> bool:
    """Take files and network from this process for good; return False where no kernel can."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        version = libc.syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    except (OSError, AttributeError):
        return False
    if version < 1:
        return False
    rules = libc.syscall(CREATE_RULESET, *ruleset(version), 0)
    if rules < 0:
        return False
    for folder in {sys.prefix, sys.base_prefix, "/usr/share/zoneinfo"}:
        allow_reading(libc, rules, folder)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    is_shut: bool = libc.syscall(RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return is_shut


def ruleset(version: int) -> tuple[ctypes.Array[ctypes.c_char], int]:
    """Return the struct that names every right to be taken, and its size in bytes."""
    files = (1 << FILE_RIGHTS.get(version, MANY_FILE_RIGHTS)) - 1
    fields = [files]
    if version >= NET_RIGHTS_SINCE:
        fields.append(0b11)  # bind and connect
    if version >= SCOPES_SINCE:
        fields.append(0b11)  # abstract sockets and signals
    packed = struct.pack(f"={len(fields)}Q", *fields)
    return ctypes.create_string_buffer(packed, len(packed)), len(packed)


def allow_reading(libc: ctypes.CDLL, rules: int, folder: str) -> None:
    """Leave one folder to be read: Python opens some of its own modules late."""
    if not Path(folder).is_dir():
        return
    handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    packed = struct.pack("=Qi", READ_FILE | READ_DIR, handle)
    libc.syscall(ADD_RULE, rules, RULE_PATH_BENEATH, ctypes.c_char_p(packed), 0)
    os.close(handle)
