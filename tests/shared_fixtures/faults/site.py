"""A small archive under review, with everything that a real one has, each as a program.

Label Studio, the ML backend and two workers run; a reviewer answers and keeps a record. Every one
of them can be killed at a write, and so can the commands.
"""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.made_label import made_label
from backend.detectors.adapters.versions.registry import published_version, versions
from backend.detectors.loop.sweep import sweep
from backend.detectors.loop.train import train
from backend.labels.core.labels import Label, LabelSource
from backend.phantoms.adapters.phantom_archive import read_truth, write_phantom_archive
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.label_studio.server import answers_health, start_label_studio
from backend.review.loop.publish import publish
from backend.review.loop.push import NextBatch, push
from backend.review.loop.studio.connect import (
    connect_backend,
    ensure_shared_projects,
    remember_label_studio,
)
from backend.service.loop.stack import ml_backend, server_plan
from shared_fixtures.faults.commands import Commands
from shared_fixtures.faults.ground import Clock, Disk, agent, wait_until
from shared_fixtures.faults.record import Reviewer
from shared_fixtures.kept_answers import add_labels
from shared_fixtures.studio import keep_template, restore_template
from tasks import load_detector_tasks

TASK = "inversion"
WORKERS = ("worker-1", "worker-2")
_POOL, _FOLDER_FILMS = 600, 6
_SETTINGS = """epochs = 2
retrain_after = 100000
sheet_films = 6
batch_films = 12
hidden_share = 0.0
doubted_films = 0
pull_every_s = 45
training_niceness = 0
label_studio_timeout_s = 30.0
"""


class Site:
    """See above; a context manager."""

    def __init__(self, folder, trained, phantoms, template, free_port):
        self.folder, self._template = folder, template
        self.disk, self.clock = Disk(folder / "disk"), Clock(folder)
        self.root = self.disk.folder / "workspace"
        self._arms, self.logs = folder / "arms", folder / "logs"
        self._pool, self._taken, self._ports = folder / "pool", 0, (free_port(), free_port())
        for made in (self._arms, self.logs, folder / "new"):
            made.mkdir()
        self.programs, self._trainings = {}, 0
        self._commands = Commands(folder / "commands", self.clock.environment)
        self._set_up(trained, phantoms)

    def _set_up(self, trained, phantoms):
        shutil.copytree(trained, self.root)
        studio, backend = self._ports
        ports = f"label_studio_port = {studio}\nbackend_port = {backend}\n"
        (self.root / "radsieve.toml").write_text(_SETTINGS + ports)
        self.tasks = load_detector_tasks()
        write_phantom_archive(self._pool, films=_POOL, seed=5, size_px=96)
        self._label_turned(phantoms)
        for name in ("mirror", TASK):
            result = train(self.workspace, self.tasks[name], list(self.tasks.values()))
            if name != TASK:
                publish(self.workspace, self.tasks[name], result.model_version, reason="first")
        self.sweep()

    def _label_turned(self, phantoms):
        """Label what is turned, so that an export has something to put right."""
        truth, known = read_truth(phantoms), []
        for film in films(self.workspace.database):
            label = made_label(self.tasks["rotation"], truth[Path(film.path).name])
            if label != "upright":
                known.append(
                    Label(film.radiograph_id, "rotation", label, LabelSource.REVIEWER, "2026", "me")
                )
        add_labels(self.workspace.database, known)

    @property
    def workspace(self):
        return Workspace(self.root)

    @property
    def backend_url(self):
        return f"http://127.0.0.1:{self._ports[1]}"

    def __enter__(self):
        self._plan = self._studio_plan()
        restore_template(self._template, self._plan.data_dir)
        self.start("studio")
        keep_template(self._plan.data_dir, self._template)
        self.client = remember_label_studio(self.root, self._plan.url, self._plan.token)
        self.reviewer = Reviewer(self._plan.url, self._plan.token)
        workspace = self.workspace
        ensure_shared_projects(
            workspace.database, self.client, pictures=workspace.review, reviewers=1
        )
        self.start("backend")
        connect_backend(workspace.database, self.client, self.backend)
        for name in WORKERS:
            self.start(name)
        push(workspace, self.tasks[TASK], self.client, NextBatch(24))
        return self

    def __exit__(self, *_):
        self._commands.close()
        for program in self.programs.values():
            if isinstance(program, subprocess.Popen):
                program.kill()
                program.wait()
            else:
                program.stop()
        self.disk.close()

    @property
    def backend(self):
        workspace = self.workspace
        return ml_backend(workspace.settings, workspace.secrets)

    def _studio_plan(self):
        plan = server_plan(self.workspace)
        return replace(
            plan,
            data_dir=self.folder / "label-studio",
            log_path=self.logs / "studio.log",
            username="reviewer@example.com",
            password="correct-horse-battery",
            token="0123456789abcdef0123456789abcdef01234567",
            extra_env=agent(self.arm_of("studio")) | self.clock.environment,
        )

    def arm_of(self, name):
        return self._arms / name

    def start(self, name):
        """Start a program, and wait until it answers."""
        self.arm_of(name).unlink(missing_ok=True)
        if name == "studio":
            self.programs[name] = start_label_studio(self._plan)
            return
        words = ("serve",) if name == "backend" else ("work",)
        with (self.logs / f"{name}.log").open("ab") as log:
            self.programs[name] = self._popen(
                words, agent(self.arm_of(name)), stdout=log, stderr=log
            )
        if name == "backend":
            assert wait_until(lambda: answers_health(self.backend_url), 120)

    def is_running(self, name):
        program = self.programs[name]
        return program.poll() is None if name != "studio" else program.is_running

    def arm(self, name, write):
        """Have a program die at the Nth write from now on."""
        place = self.arm_of(name)
        place.with_suffix(".new").write_text(str(write))
        place.with_suffix(".new").replace(place)

    def kill(self, name, within_s):
        """Kill an armed program, if it has not died within so many seconds."""
        wait_until(lambda: not self.is_running(name), within_s)
        pid = self.programs[name].pid
        if self.is_running(name):
            os.kill(pid, signal.SIGKILL)
        if name == "studio":
            self.programs[name].stop()
        else:
            self.programs[name].wait()

    def _popen(self, words, environment, **streams):
        radsieve = str(Path(sys.prefix) / "bin" / "radsieve")
        command = [sys.executable, radsieve, *words, "--workspace", str(self.root)]
        return subprocess.Popen(
            command, env=os.environ | environment, stdin=subprocess.DEVNULL, **streams
        )

    def begin(self, *words, root=None, **how):
        return self._commands.begin(words, root=root or self.root, **how)

    def finish(self, running):
        return self._commands.finish(running)

    def run(self, *words, **how):
        """Run a command; what it may be given is said at `Commands.begin`."""
        return self.finish(self.begin(*words, **how))

    @property
    def ended(self):
        return self._commands.ended

    def new_films(self, count=_FOLDER_FILMS):
        """Return a folder of films that no index knows yet."""
        folder = self.folder / "new" / f"{self._taken:04}"
        folder.mkdir()
        for path in sorted(self._pool.glob("*.png"))[self._taken : self._taken + count]:
            shutil.copy(path, folder)
        self._taken += count
        return folder

    def sweep(self):
        workspace = self.workspace
        tasks = [task for name, task in self.tasks.items() if self._is_used(workspace, name)]
        sweep(workspace, tasks)

    @staticmethod
    def _is_used(workspace, name):
        return bool(published_version(workspace.database, name))

    def prepare(self, command, rng):
        """Give a command something to do; return its words."""
        return getattr(self, f"_prepare_{command}")(rng)

    def _prepare_index(self, _rng):
        return ("index", self.new_films())

    def _prepare_train(self, _rng):
        self._trainings += 1
        text = (self.root / "radsieve.toml").read_text()
        epochs = f"epochs = {1 + self._trainings % 4}"
        (self.root / "radsieve.toml").write_text("\n".join([epochs, *text.splitlines()[1:]]) + "\n")
        return ("train", TASK)

    def _prepare_publish(self, rng):
        workspace = self.workspace
        used = published_version(workspace.database, TASK)
        known = [each.model_version for each in versions(workspace.database, TASK)]
        others = [each for each in known if each != used]
        return ("rollback", TASK, others[rng.integers(len(others))])

    def _prepare_sweep(self, _rng):
        index(self.workspace, [self.new_films()])
        return ("sweep",)

    def _prepare_push(self, _rng):
        index(self.workspace, [self.new_films()])
        self.sweep()
        return ("push", TASK, "-n", "6", "--ahead", "100000")

    def _prepare_pull(self, rng):
        self.answer(rng)
        return ("pull", TASK)

    def _prepare_export(self, _rng):
        # Whoever exports again takes the same folder.
        out, copies = self.root.parent / "out", self.root.parent / "copies"
        return ("export", "--out", out, "--apply", copies, "--accept-bias", "a test")

    def answer(self, rng, count=2):
        """Answer waiting items; where none waits, change an answer or take one back."""
        done = {given.key for given in self.reviewer.given if given.is_there is not False}
        waiting = [
            item
            for item in open_items(self.workspace.database, TASK)
            if item.item_id and item.item_key not in done
        ]
        for item in waiting[:count]:
            self.reviewer.answer(item, rng)
        standing = self.reviewer.standing()
        if standing and (not waiting or rng.random() < 0.4):
            given = standing[rng.integers(len(standing))]
            if rng.random() < 0.5:
                self.reviewer.change(given, rng)
            else:
                self.reviewer.take_back(given)
