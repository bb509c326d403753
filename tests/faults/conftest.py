"""The site that rounds of faults strike, set up once for all of them."""

import pytest


@pytest.fixture(scope="session")
def site(trained, phantoms, tmp_path_factory, free_port, request):
    # Not above: what brings fixtures is imported by tests/conftest.py, which comes later.
    from shared_fixtures.faults.site import Site  # noqa: PLC0415
    from shared_fixtures.studio import studio_template  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("faults")
    template = studio_template(request.config)
    with Site(folder, trained.root, phantoms, template, free_port) as running:
        yield running


@pytest.fixture(scope="session")
def checks(site):
    from shared_fixtures.faults.checks import Checks  # noqa: PLC0415

    return Checks(site)
