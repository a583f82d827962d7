"""Coroutines run to their end from a test, whatever else runs in its thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def run(coroutine: Coroutine[Any, Any, Any], seconds: float = 60) -> Any:
    """What a coroutine returns; in a thread of its own, for a browser's driver has a loop in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(asyncio.wait_for(coroutine, seconds))).result()
