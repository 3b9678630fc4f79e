"""The fixtures are harness/fixtures.py's, shared with the other folders of tests, and a board's."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness.fixtures import *  # noqa: E402,F401,F403
from boards import Board  # noqa: E402


@pytest.fixture
def boards(redis):
    """boards() -> a board_driver; all are ended, and their sanitizers heard."""
    made = []

    def make(**options):
        made.append(Board(redis.address, **options))
        return made[-1].up()

    yield make
    for b in made:
        b.close()


@pytest.fixture
def board(boards):
    b = boards()
    b.rebuild()
    return b
