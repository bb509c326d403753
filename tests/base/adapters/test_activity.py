import json
import os
import subprocess
import sys

from backend.base.adapters.activity import FOLDER, Activity, activities, activity


def test_what_runs_is_told_with_how_far_it_is_and_forgotten_when_it_is_done(tmp_path):
    with activity(tmp_path, "training rotation") as show:
        assert [each.what for each in activities(tmp_path)] == ["training rotation"]
        show(3, 3)
        (at,) = activities(tmp_path)
        assert (at.done, at.to_do, at.share()) == (3, 3, 1.0)
    assert activities(tmp_path) == []


def test_two_things_that_one_program_does_at_once_are_both_told_oldest_first(tmp_path):
    with activity(tmp_path, "sweep"), activity(tmp_path, "push"):
        assert [each.what for each in activities(tmp_path)] == ["sweep", "push"]


def test_what_a_dead_program_left_behind_is_not_told(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / f"{dead.pid}-0.json").write_text(json.dumps({"what": "sweep", "started_at": 0.0}))
    assert activities(tmp_path) == []


def test_what_a_dead_program_left_behind_is_not_told_of_another_that_has_got_its_number(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        folder = tmp_path / FOLDER
        folder.mkdir()
        path = folder / f"{other.pid}-0.json"
        path.write_text(json.dumps({"what": "sweep", "started_at": 0.0}))
        assert len(activities(tmp_path)) == 1
        os.utime(path, (0, path.stat().st_mtime - 60))
        assert activities(tmp_path) == []


def test_a_file_that_is_none_of_ours_or_half_written_is_passed_over(tmp_path):
    with activity(tmp_path, "sweep"):
        (own,) = (tmp_path / FOLDER).glob("*.json")
        own.with_name("notes.json").write_text("{}")
        own.write_text('{"what": "swe')
        assert activities(tmp_path) == []


def test_the_time_left_follows_from_the_rate_so_far():
    at = Activity("sweep", started_at=100.0, done=25, to_do=100)
    assert at.left_s(now=110.0) == 30.0
    assert Activity("sweep", started_at=100.0).left_s(now=110.0) is None
