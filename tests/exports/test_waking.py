"""Waking a worker for a new job by a real Redis; the queue itself is in the database."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread
from time import sleep

import pytest
from flask import Flask
from redis import Redis, RedisError

from surveyapp.exports import jobs, running, waking
from surveyapp.exports.jobs import Wanted
from surveyapp.exports.models import JobState
from surveyapp.exports.running import run_queue
from tests.exports import visits
from tests.exports.test_jobs import owner, state
from tests.live import free_port

__all__ = ["owner"]

#: seconds; milliseconds are enough, and who waits so long waits for ever
LONG = 60


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of its own."""
    server = shutil.which("redis-server")
    if server is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true, but there is no redis-server on the path")
        pytest.skip("needs redis-server on the path")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    options = ["--bind", "127.0.0.1", "--save", "", "--dir", str(folder), "--port", str(port)]
    with subprocess.Popen([server, *options], stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _look in range(300):
        try:
            Redis(port=port).ping()
        except RedisError:
            sleep(0.1)
        else:
            return
    raise AssertionError("Redis does not answer")


@pytest.fixture(autouse=True)
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found by looking: a test that is not woken fails."""
    for name in ("LOOK", "SELDOM"):
        monkeypatch.setattr(waking, name, 10 * LONG)


def with_redis(app: Flask, url: str) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], queue_url=url)


def waiting(url: str, stop: Event) -> Thread:
    thread = Thread(target=waking.wait, args=(url, stop))
    thread.start()
    return thread


def test_whoever_waits_is_woken(redis: str) -> None:
    thread = waiting(redis, Event())
    waking.ring(redis)
    thread.join(LONG)
    assert not thread.is_alive()


def test_many_rings_wake_once(redis: str) -> None:
    for _time in range(5):
        waking.ring(redis)
    waking.wait(redis, Event())
    stop = Event()
    thread = waiting(redis, stop)
    thread.join(2)
    assert thread.is_alive()
    stop.set()
    thread.join(LONG)
    assert not thread.is_alive()


def test_a_job_that_is_asked_for_is_made_though_nobody_looks(
    app: Flask, owner: int, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_redis(app, redis)
    idle, stop = Event(), Event()
    begun = waking.wait

    def told(url: str, until: Event) -> None:
        idle.set()
        begun(url, until)

    monkeypatch.setattr(running, "wait", told)
    worker = Thread(target=run_queue, args=(app, stop))
    worker.start()
    try:
        assert idle.wait(LONG)  # it has looked, and found nothing
        idle.clear()
        id_ = jobs.ask(Wanted(owner, visits.ID, {}))
        assert idle.wait(LONG)
        assert state(id_) == JobState.DONE
    finally:
        stop.set()
        worker.join(LONG)


def test_a_redis_that_is_away_keeps_nobody_from_asking(
    app: Flask, owner: int, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with_redis(app, f"redis://:zhumbaq@127.0.0.1:{nobody.getsockname()[1]}/0")
        id_ = jobs.ask(Wanted(owner, visits.ID, {}))
    assert state(id_) == JobState.WAITING
    assert "no worker could be woken" in caplog.text and "zhumbaq" not in caplog.text


def test_without_redis_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "LOOK", 0)
    waking.ring("")
    waking.wait("", Event())
