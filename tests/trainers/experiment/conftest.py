"""Photographs, assets and a pipeline, written once."""

import pytest

from experiment_files import write_pictures


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    return write_pictures(tmp_path_factory.mktemp("experiment"))
