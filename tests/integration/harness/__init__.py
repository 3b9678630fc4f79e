"""What the integration tests stand on: real services, a real daemon, plain HTTP.

Nothing here is a mock.  Only the standard library is used, so that the tests
run with Debian's python3-pytest and nothing else.
"""

from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]
