"""How the tests look at an embedded PostgreSQL from outside: its folder, its process, its answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg

from storage.cluster import Cluster, newest_programs
from storage.server_user import server_user


def cluster_of(data_dir: Path) -> Cluster:
    programs, major = newest_programs()
    return Cluster(data_dir.resolve() / f"postgres-{major}", programs, server_user())


def server_pid(data_dir: Path) -> int:
    return int((cluster_of(data_dir).folder / "postmaster.pid").read_text().split()[0])


async def ask(address: dict[str, Any], sql: str) -> Any:
    connection = await asyncpg.connect(**address)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def socket_folder(address: dict[str, Any]) -> Path:
    return Path(address["host"])
