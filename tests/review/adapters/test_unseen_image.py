from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from shared_fixtures.faults.ground import trickling
from shared_fixtures.served import answered_by

from backend.base.core.errors import UnreadableFilmError
from backend.review.adapters import unseen_image
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.unseen_image import ImageSources, read_unseen_image

TOKEN = "0123456789abcdef0123456789abcdef01234567"
UPLOADED, LINKED = b"an uploaded film", b"a linked film"


class ImageHost(BaseHTTPRequestHandler):
    """Gives out two files, and remembers which tokens it was shown."""

    def do_GET(self):
        self.server.tokens.append(self.headers.get("Authorization"))
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/film.png")
            self.end_headers()
            return
        content = {"/data/upload/1/film.png": UPLOADED, "/film.png": LINKED}.get(self.path)
        self.send_response(200 if content else 404)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def host():
    with answered_by(ImageHost, tokens=[]) as server:
        yield server


@pytest.fixture
def folders(tmp_path):
    """A served folder, an allowed one, and a secret beside them."""
    for name in ("served/review", "allowed", "private"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "served/review/a film.jpg").write_bytes(b"served")
    (tmp_path / "allowed/film.png").write_bytes(b"allowed")
    (tmp_path / "private/secret.txt").write_bytes(b"secret")
    (tmp_path / "served/review/link.jpg").symlink_to(tmp_path / "private/secret.txt")
    return tmp_path


@pytest.fixture
def sources(folders):
    return ImageSources(served=folders / "served", folders=(folders / "allowed",))


def with_studio(sources, host):
    url = f"http://127.0.0.1:{host.server_port}"
    return ImageSources(served=sources.served, studio=LabelStudio(url, TOKEN)), url


def test_local_file_is_read_from_the_served_folder(sources):
    reference = "/data/local-files/?d=review/a%20film.jpg"
    assert read_unseen_image(reference, sources) == b"served"


def test_bare_path_below_an_allowed_folder_is_read(sources, folders):
    assert read_unseen_image(str(folders / "allowed/film.png"), sources) == b"allowed"
    assert read_unseen_image("film.png", sources) == b"allowed"


@pytest.mark.parametrize(
    "reference",
    [
        "/data/local-files/?d=../private/secret.txt",
        "/data/local-files/?d=%2e%2e/private/secret.txt",
        "/data/local-files/?d=review/link.jpg",
        "/data/local-files/?d=/etc/hostname",
        "/data/local-files/?d=",
        "/data/local-files/",
        "/data/local-files/?d=review",
        "/data/local-files/?d=%00",
        "/data/local-files/../../private/secret.txt",
        "../private/secret.txt",
        "/etc/hostname",
        "file:///etc/hostname",
        "ftp://example.org/film.png",
        "s3://bucket/film.png",
        "//example.org/film.png",
        "http://example.org/film.png",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1/film.png",
        "http://127.0.0.1:99999999/film.png",
        "x" * 5000,
        "nul\0byte",
        "",
    ],
)
def test_anything_outside_is_refused_without_quoting_it(sources, reference):
    with pytest.raises(UnreadableFilmError) as refusal:
        read_unseen_image(reference, sources)
    assert "secret" not in str(refusal.value)
    assert "hostname" not in str(refusal.value)


def test_served_file_that_is_a_private_path_is_refused(sources, folders):
    with pytest.raises(UnreadableFilmError):
        read_unseen_image(str(folders / "private/secret.txt"), sources)


def test_uploaded_image_is_fetched_from_label_studio_with_our_token(sources, host):
    asked, url = with_studio(sources, host)
    assert read_unseen_image("/data/upload/1/film.png", asked) == UPLOADED
    assert read_unseen_image(f"{url}/data/upload/1/film.png", asked) == UPLOADED
    assert set(host.tokens) == {f"Token {TOKEN}"}


@pytest.mark.parametrize("path", ["/api/users", "/data/upload/%2e%2e/film.png", "/film.png"])
def test_our_token_reads_nothing_but_images_from_label_studio(sources, host, path):
    asked, url = with_studio(sources, host)
    with pytest.raises(UnreadableFilmError):
        read_unseen_image(url + path, asked)
    assert host.tokens == []


def test_another_host_is_asked_only_if_allowed_and_never_with_our_token(sources, host):
    url = f"http://127.0.0.1:{host.server_port}/film.png"
    allowed = ImageSources(served=sources.served, hosts=frozenset({"127.0.0.1"}))
    assert read_unseen_image(url, allowed) == LINKED
    assert host.tokens == [None]
    with pytest.raises(UnreadableFilmError, match="image_hosts"):
        read_unseen_image(url, sources)


def test_redirect_is_not_followed(sources, host):
    allowed = ImageSources(served=sources.served, hosts=frozenset({"127.0.0.1"}))
    with pytest.raises(UnreadableFilmError, match="302"):
        read_unseen_image(f"http://127.0.0.1:{host.server_port}/elsewhere", allowed)


def test_missing_file_and_silent_host_are_refusals_not_crashes(sources, host):
    asked, _ = with_studio(sources, host)
    with pytest.raises(UnreadableFilmError, match="does not give"):
        read_unseen_image("/data/upload/1/gone.png", asked)
    host.server_close()
    allowed = ImageSources(served=sources.served, hosts=frozenset({"127.0.0.1"}))
    with pytest.raises(UnreadableFilmError, match="ConnectError"):
        read_unseen_image("http://127.0.0.1:9/film.png", allowed)


@pytest.mark.parametrize("head", [True, False], ids=["its head", "its body"])
def test_host_that_sends_a_byte_now_and_then_is_given_up_in_time(sources, monkeypatch, head):
    monkeypatch.setattr(unseen_image, "DOWNLOAD_TIMEOUT_S", 0.5)
    allowed = ImageSources(served=sources.served, hosts=frozenset({"127.0.0.1"}))
    with (
        trickling(head=head, every_s=0.1) as url,
        pytest.raises(UnreadableFilmError, match="did not arrive in"),
    ):
        read_unseen_image(f"{url}/film.png", allowed)


def test_file_that_is_too_large_is_refused(sources, folders, host, monkeypatch):
    monkeypatch.setattr(unseen_image, "MAX_IMAGE_BYTES", 5)
    Path(folders / "allowed/big.png").write_bytes(b"123456")
    with pytest.raises(UnreadableFilmError, match="larger"):
        read_unseen_image("big.png", sources)
    allowed = ImageSources(served=sources.served, hosts=frozenset({"127.0.0.1"}))
    with pytest.raises(UnreadableFilmError, match="larger"):
        read_unseen_image(f"http://127.0.0.1:{host.server_port}/film.png", allowed)
