"""The hosts that a DB_DSN names. Pure.

asyncpg tries them in turn itself, but with one time-out for all: a host that hangs would hide those behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PORT = "5432"
PLACE = re.compile(r"(?:\[([^\]]+)\]|(/.*)|([^:\[\]]+))(?::([0-9]*))?")  # an IPv6 address, a socket's folder, or a name


def each_host(dsn: str) -> list[Mapping[str, Any]]:
    """What to tell `asyncpg.connect` beside the DSN, for one host after the other; nothing where only one is named.

    Only a host that may be written to will do, unless the DSN says otherwise.
    """
    try:
        parts = urlsplit(dsn)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        places = _places(parts.netloc.rpartition("@")[2] or query.get("host", ""), query.get("port", ""))
    except ValueError:  # asyncpg says what is wrong with it
        return [{}]
    if len(places) < 2:
        return [{}]
    wanted = {} if "target_session_attrs" in query else {"target_session_attrs": "read-write"}
    return [{"host": host, "port": port, **wanted} for host, port in places]


def _places(named: str, port: str) -> list[tuple[str, int]]:
    """`host:port,host`, or hosts with their ports named elsewhere. Raises ValueError."""
    hosts, ports = named.split(","), port.split(",")
    shared = ports * len(hosts) if len(ports) == 1 else ports
    return [_place(unquote(host), port) for host, port in zip(hosts, shared, strict=True)]


def _place(named: str, port: str) -> tuple[str, int]:
    found = PLACE.fullmatch(named)
    if found is None:
        raise ValueError(f"no host: {named}")
    return found[1] or found[2] or found[3], int(found[4] or port or PORT)
