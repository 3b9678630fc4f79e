"""The fixtures are those of the integration tests: tests/integration/harness/fixtures.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from harness.fixtures import *  # noqa: E402,F401,F403
