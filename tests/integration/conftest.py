"""Fixtures of the integration tests."""
import pytest

from integration.lib_serving import Serving


@pytest.fixture
def serve(kafka, millrace, tmp_path):
    """Makes an application on the shared broker: serve({"lanes": 2}, partitions=4)."""
    def make(settings: dict | None = None, broker=None, **topics) -> Serving:
        return Serving(broker or kafka, millrace, tmp_path, settings, **topics)
    return make
