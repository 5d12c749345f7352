"""The product opens over its own secrets, and never makes new ones where the old are needed."""

from __future__ import annotations

import pytest

from app.bootstrap import opened
from app.errors import Unavailable
from app.settings import Settings
from tests.test_pipeline import store


def test_a_first_start_makes_its_secrets(settings: Settings) -> None:
    with opened(settings) as desk:
        store(desk, b"From: a@home.test\r\n\r\nhello")

    assert settings.secrets_file.stat().st_mode & 0o777 == 0o600


def test_without_the_secrets_of_a_sealed_database_nothing_opens(settings: Settings) -> None:
    with opened(settings) as desk:
        store(desk, b"From: a@home.test\r\n\r\nhello")
    settings.secrets_file.rename(settings.secrets_file.with_suffix(".away"))

    with pytest.raises(Unavailable, match="secrets file"), opened(settings):
        pass

    assert not settings.secrets_file.exists()
