"""Tasks that exist for one test."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.tasks.registry import TASKS, Handler, Task
from tests.tasks.bells import Rang

When = Callable[..., None]


@pytest.fixture
def when_rang(monkeypatch: pytest.MonkeyPatch) -> When:
    """Set what is done when a bell rang, tried again at once and twice at most."""

    def set_tasks(*handlers: Handler[Rang], **policy: Any) -> None:
        policy = {"attempts": 2, "pause": timedelta(), **policy}
        tasks = [Task(handler, **policy) for handler in handlers]
        monkeypatch.setitem(TASKS, Rang, tasks)

    return set_tasks
