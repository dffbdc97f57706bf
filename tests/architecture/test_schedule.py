"""What beat asks for is there to be done."""

import pytest
from django.conf import settings

from config.celery import app


def task_of(entry: str) -> str:
    return str(settings.CELERY_BEAT_SCHEDULE[entry]["task"])


@pytest.mark.parametrize("entry", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_every_scheduled_task_exists(entry: str) -> None:
    app.loader.import_default_modules()
    assert task_of(entry) in app.tasks


@pytest.mark.parametrize("entry", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_every_scheduled_task_runs(entry: str) -> None:
    app.loader.import_default_modules()
    app.tasks[task_of(entry)].apply(throw=True)
