"""The hosts of a DB_DSN, one by one."""

import pytest

from storage.hosts import each_host

HERE, THERE = {"host": "h1", "port": 5432}, {"host": "h2", "port": 5433}
WRITABLE = {"target_session_attrs": "read-write"}


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:p@h1,h2:5433/db",
        "postgresql://u:p@h1:5432,h2:5433/db?sslmode=require",
        "postgres://u:p@/db?host=h1,h2&port=5432,5433",
        "postgresql://h1,h2:5433",
        "postgresql://u:%40%2C@h1:,h2/db?port=5432,5433",
    ],
)
def test_several_hosts_are_tried_one_by_one_for_one_that_may_be_written_to(dsn: str) -> None:
    assert each_host(dsn) == [{**HERE, **WRITABLE}, {**THERE, **WRITABLE}]


def test_what_the_address_wants_of_its_hosts_is_left_to_it() -> None:
    assert each_host("postgresql://u@h1,h2:5433/db?target_session_attrs=any") == [HERE, THERE]


def test_addresses_and_folders_of_sockets_are_hosts() -> None:
    assert [host["host"] for host in each_host("postgresql://u@[::1]:1,127.0.0.1:2,%2Frun%2Fpg/db")] == [
        "::1",
        "127.0.0.1",
        "/run/pg",
    ]
    assert [host["host"] for host in each_host("postgresql://u@/db?host=/run/a.b:c,/srv")] == ["/run/a.b:c", "/srv"]


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:p@h1/db",
        "postgresql:///db",
        "postgresql://",
        "postgresql://u@h1,,h2/db",
        "postgresql://u@h1,h2:port/db",
        "postgresql://u@h1,h2/db?port=1,2,3",
        "postgresql://u@[h1,h2/db",
        "postgresql://u@[::1,h2/db",
        "postgresql://u@h1,h2:١/db",
    ],
)
def test_one_host_and_what_makes_no_sense_are_left_to_asyncpg(dsn: str) -> None:
    assert each_host(dsn) == [{}]
