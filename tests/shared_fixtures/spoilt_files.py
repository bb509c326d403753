"""Ways in which a file stops being the film that was indexed.

Each takes the path of the file and the bytes of another film.
"""

import os


def overwrite(path, other):
    path.write_bytes(other)


def overwrite_unseen(path, other):
    """Write the other film in the same size and with the same time."""
    before = path.stat()
    path.write_bytes(other.ljust(before.st_size, b"\0")[: before.st_size])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def cut_short(path, other):
    path.write_bytes(path.read_bytes()[:-20])


def empty(path, other):
    path.write_bytes(b"")


def remove(path, other):
    path.unlink()


def make_a_folder(path, other):
    path.unlink()
    path.mkdir()


def make_a_pipe(path, other):
    path.unlink()
    os.mkfifo(path)


def link_to_another(path, other):
    elsewhere = path.parent.parent / "elsewhere"
    elsewhere.write_bytes(other)
    path.unlink()
    path.symlink_to(elsewhere)


def link_to_nothing(path, other):
    path.unlink()
    path.symlink_to("nowhere")


FAULTS = (
    overwrite,
    cut_short,
    empty,
    remove,
    make_a_folder,
    make_a_pipe,
    link_to_another,
    link_to_nothing,
)
"""All of them that size or time give away; `overwrite_unseen` is the other one."""
