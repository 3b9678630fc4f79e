"""Waiting for a condition, with a bound.

Tests never sleep for a guessed time: they say what must become true and how
long that may take at the very most.
"""

import time


def wait_for(condition, seconds=30.0, what="the condition", pause=0.01):
    """Call `condition` until it returns something true, and return that."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(pause)
        pause = min(pause * 2, 0.2)
