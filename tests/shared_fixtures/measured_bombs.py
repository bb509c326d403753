"""Reads bombs, each in a child of its own, and prints what each took as a line of JSON.

python -m shared_fixtures.measured_bombs NAME...
"""

import json
import os
import resource
import sys
import tarfile
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from backend.archive.adapters.metadata_table import read_metadata
from backend.archive.adapters.pixels.film_reader import read_film
from backend.base.core.errors import RadsieveError
from backend.base.core.pixel_change import PixelChange
from backend.reports.adapters.report_reader import read_reports
from shared_fixtures import bombs
from shared_fixtures.copied import write_corrected_copy

LINE = b'"x,some words of a report, and more\n'
FILMS = {
    "png of texts": lambda: bombs.png_with_texts(300),
    "png 16 bit": lambda: bombs.png(8000, 8000, 16),
    "png colour": lambda: bombs.png(6000, 6000, 8, 2),
    "jpeg": lambda: bombs.jpeg(6600, 6600),
    "jpeg of scans": lambda: bombs.jpeg(4000, 4000, scans=190),
    "tiff of one tile": lambda: bombs.tiff_of_one_tile(20_000),
    "tiff lzma": lambda: bombs.tiff(7000, 7000, 34925),
    "tiff of pages": lambda: bombs.tiff_of_pages(500_000),
    "jpeg 2000": lambda: bombs.dicom_j2k(17_000, 17_000),
    "jpeg 2000 of 49 megapixels": lambda: bombs.dicom_j2k(7000, 7000),
    "jpeg 2000 of small blocks": lambda: bombs.dicom_j2k(5000, 5000, block=0),
    "jpeg 2000 of small precincts": lambda: bombs.dicom_j2k(
        5000, 5000, precincts=bytes([0x11] * 6)
    ),
    "jpeg-ls": lambda: bombs.dicom_jls(64, 64, 65_000),
    "deflated": lambda: bombs.dicom_deflated(400),
    "frames": lambda: bombs.dicom_frames(30),
    "items": lambda: bombs.dicom_items(500_000),
    "elements": lambda: bombs.dicom_elements(1_000_000),
    "windows": lambda: bombs.dicom_windows(30_000),
    "film of 20 megapixels": lambda: bombs.dicom(4472, 4472, bytes(2 * 4472 * 4472)),
    "blank jpeg 2000 in colour": lambda: bombs.dicom(
        4472,
        4472,
        [bombs.jpeg2000(4472, 4472, 3)],
        bombs.JPEG2000Lossless,
        8,
        SamplesPerPixel=3,
        PlanarConfiguration=0,
        PhotometricInterpretation="RGB",
    ),
}
REPORTS = {
    "name.tgz": lambda: bombs.tar_with_name(1 << 30, held=50_000_000),
    "attributes.tgz": lambda: bombs.tar_with_name(200 << 20, tarfile.XHDTYPE, 50_000_000),
    "quote.csv.gz": lambda: bombs.packed_table(b"id,report\n", LINE, 200),
    "quote.csv.xz": lambda: bombs.packed_table(b"id,report\n", LINE, 100, "xz"),
}
TABLES = {
    "metadata.csv.gz": lambda: bombs.packed_table(b"file,patient_id\n", LINE, 200),
    "rows.csv.gz": lambda: bombs.packed_table(b"file,patient_id\n", b"a,\n", 30),
}


def read_and_copy(path):
    read_film(path.read_bytes(), path.name)
    write_corrected_copy(path, path.with_name("copy"), PixelChange(1, invert=True))


def read_all(path):
    for _ in read_reports(path):
        pass


def measured(read, path):
    """Return peak memory above that of before, processor time, and what came of it."""
    Path("/proc/self/clear_refs").write_text("5")
    before, kin = resident("VmRSS"), Kin()
    spent = sum(os.times()[:4])
    try:
        read(path)
        came = "read"
    except RadsieveError as error:
        came = str(error)
    peak = resident("VmHWM") - before + kin.stop()
    return {"peak_mb": peak, "cpu_s": sum(os.times()[:4]) - spent, "came": came}


class Kin(threading.Thread):
    """Watches how much the children of this process take."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak_mb, self.is_done = 0.0, threading.Event()
        self.start()

    def run(self):
        me = psutil.Process()
        while not self.is_done.wait(0.02):
            sizes = [memory_of(child) for child in me.children(recursive=True)]
            self.peak_mb = max(self.peak_mb, sum(sizes))

    def stop(self):
        self.is_done.set()
        self.join()
        return self.peak_mb


def memory_of(process):
    try:
        return process.memory_info().rss / 2**20
    except psutil.Error:
        return 0.0


def resident(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def main(names):
    kinds = [(FILMS, read_and_copy), (REPORTS, read_all), (TABLES, read_metadata)]
    known = {name: (make, read) for bombs_of, read in kinds for name, make in bombs_of.items()}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warm"
        path.write_bytes(bombs.png(64, 64))
        read_and_copy(path)
        for name in names or known:
            make, read = known[name]
            path = Path(folder) / name.replace(" ", "_")
            path.write_bytes(make())
            size = path.stat().st_size
            if (child := os.fork()) == 0:
                started = time.monotonic()
                facts = measured(read, path)
                facts |= {"name": name, "bytes": size, "wall_s": time.monotonic() - started}
                print(json.dumps(facts), flush=True)  # noqa: T201
                os._exit(0)
            os.waitpid(child, 0)
            path.unlink()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(sys.argv[1:])
