"""What the integration tests stand on: real services, a real daemon, plain HTTP.

Nothing here is a mock.  Only the standard library is used, so that the tests
run with Debian's python3-pytest and nothing else.
"""

import os
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]
LONG = os.environ.get("VACANCYD_LONG") == "1"  # tests/run full: a test that can grow is long
