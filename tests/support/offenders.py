"""Test a rule on many items in one case that names every offender."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any


def of_every(items: Iterable[Any], name: Callable[[Any], str] = str) -> Callable[[Callable[..., None]], Any]:
    """Decorate a test of one item, its only argument: the test of them all fails with a list of offenders."""

    def decorate(test: Callable[[Any], None]) -> Callable[[], None]:
        @wraps(test)
        def test_all() -> None:
            offenders = []
            for item in items:
                try:
                    test(item)
                except Exception as error:
                    offenders.append(f"{name(item)}: {error!r:.300}")
            assert not offenders, "\n".join(offenders)

        del test_all.__wrapped__  # pytest would look for the item as a fixture
        return test_all

    return decorate
