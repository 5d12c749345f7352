"""`app.wsgi:public` and `app.wsgi:desk`, as gunicorn asks for them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from app.settings import Settings


@pytest.mark.parametrize("name", ["public", "desk"])
def test_each_application_is_made_when_it_is_asked_for(settings: Settings, name: str) -> None:
    said = _python(f"import app.wsgi; print(app.wsgi.{name}.config['SESSION_COOKIE_NAME'])", _environment(settings))

    assert said == f"abusedesk_{name}"


def test_the_public_process_holds_no_route_of_the_desk(settings: Settings) -> None:
    asked = "import app.wsgi; print([r.rule for r in app.wsgi.public.url_map.iter_rules() if 'login' in r.rule])"

    assert _python(asked, _environment(settings)) == "[]"


def test_there_is_no_third_application(settings: Settings) -> None:
    assert _python("import app.wsgi; print(hasattr(app.wsgi, 'other'))", _environment(settings)) == "False"


def _environment(settings: Settings) -> Mapping[str, str]:
    return os.environ | {
        "ABUSEDESK_DATA": str(settings.data),
        "ABUSEDESK_DATABASE_URL": settings.database_url or "",
        "ABUSEDESK_REDIS_URL": settings.redis_url or "",
    }


def _python(program: str, environment: Mapping[str, str]) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()
