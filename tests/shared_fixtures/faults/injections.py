"""The faults, done for real; each returns the words of the commands that must go on after it."""

import json
import threading
import time

import pytest
import requests

from shared_fixtures.faults.ground import trickling
from shared_fixtures.faults.site import TASK, WORKERS
from shared_fixtures.faults.table import COMMANDS, WRITES

_HOUR_S = 3600


def inject(site, one):
    """Do a round's fault; return the words of what must go on."""
    rng, fault = one.rng, one.fault
    if fault.command:
        return kill_command(site, rng, fault.command)
    return _BY_NAME[fault.name](site, rng)


def kill_command(site, rng, command):
    """Kill a command in the middle; where it ends before that, at half as many writes."""
    site.answer(rng, count=1)
    part, writes = rng.random(), WRITES[command]
    for _ in range(6):
        words = site.prepare(command, rng)
        ran = site.run(*words, at=1 + int(part * writes))
        if ran.was_killed:
            return [words]
        # Now it is known how many there are; the next run of a command may have fewer.
        part, writes = part * 0.8, ran.writes
    raise AssertionError(f"{command} makes no write at which it could be killed")


def kill_worker(site, rng):
    chosen = WORKERS[rng.integers(2)]
    site.arm(chosen, int(rng.integers(1, 60)))
    site.answer(rng)
    site.kill(chosen, within_s=6)
    site.start(chosen)
    return []


def kill_backend(site, rng):
    site.arm("backend", int(rng.integers(1, 12)))
    site.answer(rng, count=3)
    site.kill("backend", within_s=4)
    site.start("backend")
    return []


def kill_studio(site, rng):
    words = site.prepare(_drawn(rng, ("push", "pull", "publish")), rng)
    site.arm("studio", int(rng.integers(1, 400)))
    command = site.begin(*words)
    site.answer(rng, count=3)
    site.kill("studio", within_s=8)
    site.finish(command)
    site.start("studio")
    return [words]


def fill_disk(site, rng):
    if not site.disk.is_own:
        pytest.skip("no file system can be mounted here; test_one_line.py limits a file's size")
    words = site.prepare(_drawn(rng, COMMANDS), rng)
    with site.disk.filled(int(rng.choice([0, 4_000, 40_000, 400_000]))):
        site.answer(rng, count=1)
        site.run(*words)
    return [words]


def make_read_only(site, rng):
    if not site.disk.is_own:
        pytest.skip("no file system can be mounted here")
    words = site.prepare(_drawn(rng, COMMANDS), rng)
    with site.disk.read_only(site.folder / "read-only") as view:
        root = view / site.root.name
        for each in (words, ("status",), ("ledger",)):
            site.run(*each, root=root)
    return [words]


def set_clock_back(site, rng):
    if not site.clock.can_be_set:
        pytest.skip("there is no C compiler to make a clock with")
    site.answer(rng)
    site.run("pull", TASK)
    site.clock.set_ahead(-_HOUR_S)
    try:
        given = _drawn(rng, site.reviewer.standing())
        site.reviewer.change(given, rng)
        site.answer(rng, count=1)
        site.run("pull", TASK)
    finally:
        site.clock.set_ahead(0)
    return []


def lose_webhooks(site, rng):
    site.kill("backend", within_s=0)
    site.answer(rng, count=3)
    site.start("backend")
    return []


def double_webhooks(site, rng):
    before = len(site.reviewer.given)
    site.answer(rng)
    hooks = [
        _hook(site, given) for given in site.reviewer.given[before:] or site.reviewer.given[-1:]
    ]
    senders = [
        threading.Thread(target=_send, args=(site, hook)) for hook in hooks for _ in range(10)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return []


def send_webhook_late(site, rng):
    site.answer(rng)
    given = _drawn(rng, site.reviewer.standing())
    hook = _hook(site, given)
    site.run("pull", TASK)
    site.reviewer.take_back(given)
    site.run("pull", TASK)
    assert _send(site, hook) == 202
    return []


def forge_webhooks(site, rng):
    site.answer(rng)
    trained = len(list(site.workspace.models.iterdir()))
    given = _drawn(rng, site.reviewer.standing())
    hook = _hook(site, given)
    hook["annotation"]["result"] = [
        {"from_name": "films", "to_name": "sheet", "value": {"choices": sorted(given.says)}}
    ]
    assert _send(site, hook, password="guessed") == 401
    assert _send(site, hook) == 202
    assert _send(site, {**hook, "action": "START_TRAINING"}) == 202
    assert _send(site, {**hook, "action": "ANNOTATIONS_DELETED"}) == 202
    time.sleep(3)
    assert len(list(site.workspace.models.iterdir())) == trained
    return []


def do_two_at_once(site, rng):
    first = _drawn(rng, COMMANDS)
    second = first if rng.random() < 0.5 else _drawn(rng, COMMANDS)
    both = [site.prepare(name, rng) for name in (first, second)]
    if first == second:
        both = [both[0], both[0]]
    running = [site.begin(*words) for words in both]
    for command in running:
        site.finish(command)
    return both


def trickle(site, rng):
    given = {"RADSIEVE_LABEL_STUDIO_TOKEN": "a" * 40, "RADSIEVE_LABEL_STUDIO_TIMEOUT_S": "3"}
    for head in (True, False):
        with trickling(head=head) as url:
            begun = time.monotonic()
            variables = given | {"RADSIEVE_LABEL_STUDIO_URL": url}
            ran = site.run(_drawn(rng, ("pull", "push")), TASK, environment=variables)
            assert ran.code == 1 and "in time" in ran.errors
            assert time.monotonic() - begun < 60
    return []


def _drawn(rng, among):
    return among[rng.integers(len(among))]


def _hook(site, given):
    """Return what Label Studio tells of an answer."""
    item = site.reviewer.call("GET", f"tasks/{given.item}/")
    return {
        "action": "ANNOTATION_CREATED",
        "annotation": {"id": given.annotation, "task": given.item, "result": []},
        "project": {"id": given.project},
        "task": {"id": given.item, "data": item["data"]},
    }


def _send(site, hook, password=None):
    """Send a webhook as Label Studio does, or with another password; return the status."""
    header = site.backend.hint_authorization(hook["project"]["id"])
    answer = requests.post(
        f"{site.backend_url}/webhook",
        data=json.dumps(hook),
        headers={"Content-Type": "application/json"}
        | ({} if password else {"Authorization": header}),
        auth=("radsieve", password) if password else None,
        timeout=30,
    )
    return answer.status_code


_BY_NAME = {
    "worker killed": kill_worker,
    "backend killed": kill_backend,
    "Label Studio killed": kill_studio,
    "disk full": fill_disk,
    "workspace read-only": make_read_only,
    "clock set back": set_clock_back,
    "webhook lost": lose_webhooks,
    "webhook doubled": double_webhooks,
    "webhook late": send_webhook_late,
    "webhook forged": forge_webhooks,
    "two of everything": do_two_at_once,
    "Label Studio trickles": trickle,
}
