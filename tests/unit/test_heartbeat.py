"""The heartbeat's memory."""

from __future__ import annotations

from engine.heartbeat import Heartbeat, Pulse


def test_a_heartbeat_that_forgets_keeps_only_its_counts() -> None:
    heartbeat = Heartbeat(lambda: 7.0)
    heartbeat.beat("feed")
    heartbeat.fail("feed", "refused")
    heartbeat.count("frame_heard", "ack")
    assert heartbeat.pulse("feed") == Pulse(0.0, 0.0, "refused", 0.0)

    heartbeat.forget()

    assert heartbeat.pulse("feed") == Pulse()
    assert heartbeat.counts["frame_heard", "ack"] == 1
