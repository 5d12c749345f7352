"""The rules catch what breaks them, and let pass what does not: shown on small trees with one import planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.imports import imports
from tests.architecture.rules import FEATURES, fault
from tests.architecture.sizes import too_long
from tests.architecture.test_layers import strays

LAYERS = ("domain", "models", "store", "service", "forms", "guards", "views", "api", "cli")
AROUND = ("errors", "settings", "ports", "uow", "jobs", "bootstrap", "pipeline", "cli", "wsgi")

WRONG = [
    ("app/senders/service.py", "from app.intake import service", "intake stands to the right of senders"),
    ("app/mail/mime/message.py", "from app.audit.domain import Actor", "audit stands to the right of mail"),
    ("app/mail/mime/message.py", "from app.mail.fields import address", "fields stands to the right of mime"),
    ("app/mail/dkim/tags.py", "from app.mail.repair.repair import repair", "repair stands to the right of dkim"),
    ("app/mail/inline/forward.py", "from app.mail.formats.arf import x", "formats stands to the right of inline"),
    ("app/mail/formats/arf.py", "from app.mail.read import read", "a folder of mail does not import read"),
    ("app/audit/views.py", "from app.privacy.service import x", "privacy stands to the right of audit"),
    ("app/triage/service.py", "from app.enforcement.store import x", "offers its domain and its service"),
    ("app/triage/store.py", "from app.intake.models import Report", "offers its domain and its service"),
    ("app/privacy/service.py", "from app.intake import store", "offers its domain and its service"),
    ("app/privacy/cli.py", "from app.triage.cli import x", "offers its domain and its service"),
    ("app/triage/service.py", "from app.staff.guards import permitted", "offers its domain and its service"),
    ("app/triage/domain.py", "from app.intake import service", "domain does not import another feature's service"),
    ("app/intake/domain.py", "from app.intake import models", "domain does not import models"),
    ("app/intake/models.py", "from app.intake import store", "models does not import store"),
    ("app/intake/store.py", "from app.intake.service import x", "store does not import service"),
    ("app/intake/service.py", "import app.intake.forms", "service does not import forms"),
    ("app/intake/service/reading.py", "from app.intake import views", "service does not import views"),
    ("app/intake/forms.py", "from app.intake import guards", "forms does not import guards"),
    ("app/intake/guards.py", "from app.intake import views", "guards does not import views"),
    ("app/intake/views.py", "from app.intake import cli", "views does not import cli"),
    ("app/intake/decision_cli.py", "from app.intake import api", "cli does not import api"),
    ("app/intake/summary.py", "from app.intake.store import x", "domain does not import store"),
    ("app/intake/store.py", "def late():\n    from app.intake import service", "store does not import service"),
    (
        "app/intake/models.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.intake.service import x",
        "models does not import service",
    ),
    ("app/intake/store.py", "from . import service", "store does not import service"),
    ("app/intake/store.py", "from .service import x", "store does not import service"),
    ("app/senders/store.py", "from ..intake import service", "intake stands to the right of senders"),
    ("app/intake/service/__init__.py", "from ..views import x", "service does not import views"),
    ("app/intake/service.py", "from importlib import import_module\nimport_module('app.intake.cli')", "import cli"),
    ("app/intake/service.py", "import importlib\nimportlib.import_module('workers.jobs')", "app never imports"),
    ("app/pipeline.py", "import workers.jobs", "app never imports workers"),
    ("app/cli.py", "from workers import up", "app never imports workers"),
    ("app/infra/queue.py", "def f():\n    import workers", "app never imports workers"),
    ("app/intake/service.py", "from flask import request", "flask belongs in"),
    ("app/intake/store.py", "import werkzeug.exceptions", "werkzeug belongs in"),
    ("app/intake/domain.py", "from wtforms import Form", "wtforms belongs in"),
    ("app/intake/service.py", "from sqlmodel import select", "sqlmodel belongs in"),
    ("app/intake/views.py", "import sqlalchemy as sa", "sqlalchemy belongs in"),
    ("workers/jobs.py", "from sqlalchemy.exc import OperationalError", "sqlalchemy belongs in"),
    ("app/intake/service.py", "import redis", "redis belongs in"),
    ("app/web/rates.py", "import redis", "redis belongs in"),
    ("app/triage/service.py", "from rq import Queue", "rq belongs in"),
    ("app/attribution/service.py", "import dkim", "dkim belongs in"),
    ("app/intake/service.py", "import click", "click belongs in"),
    ("workers/up.py", "import click", "click belongs in"),
    ("app/infra/queue.py", "from app.intake import service", "infra knows no feature"),
    ("app/infra/queue.py", "from app import bootstrap", "infra does not know bootstrap"),
    ("app/bootstrap.py", "from app.triage.service import x", "bootstrap knows no feature"),
    ("app/settings.py", "from app.staff import domain", "settings knows no feature"),
    ("app/uow.py", "from app.infra import queue", "the ground stands on nothing"),
    ("app/pipeline.py", "from app.intake import store", "pipeline sees of a feature only domain, service"),
    ("workers/jobs.py", "from app.privacy.store import x", "workers sees of a feature only domain, service"),
    ("app/web/pages.py", "from app.staff.models import Staff", "web sees of a feature only"),
    ("app/intake/service.py", "from app.infra.queue import x", "only models, store and the edges know infra"),
    ("app/intake/service.py", "from app.bootstrap import Desk", "only the edges know how it is wired"),
    ("app/intake/domain.py", "from app.uow import Work", "domain is pure"),
    ("app/intake/service.py", "from app.pipeline import work_off", "a feature does not know pipeline"),
]

RIGHT = [
    ("app/triage/service.py", "from app.enforcement import service\nfrom app.intake.domain import Door"),
    ("app/triage/domain.py", "from app.intake.summary import x\nfrom app.attribution.domain import y"),
    ("app/intake/store.py", "from app.mail.mime.message import x\nfrom sqlmodel import select\nimport sqlalchemy"),
    ("app/intake/service/reading.py", "from app.intake.service.writing import x\nfrom app.intake import store"),
    ("app/triage/views.py", "from app.staff.guards import permitted\nimport flask\nfrom app.triage import forms"),
    ("app/privacy/service.py", "from app.triage import service\nfrom app.senders import domain"),
    ("app/audit/store.py", "from app.infra.queue import x"),
    ("app/senders/cli.py", "import click\nfrom app.bootstrap import opened"),
    ("app/triage/decision_cli.py", "import click\nfrom app.triage import service"),
    ("app/intake/service.py", "from app.uow import Work\nfrom app.errors import Rejected"),
    ("app/pipeline.py", "from app.bootstrap import Desk\nfrom app.triage import service"),
    ("app/infra/migrations/env.py", "from app.intake import models"),
    ("app/infra/resolver.py", "from app.mail.domain import KeyAnswer"),
    ("app/bootstrap.py", "import redis\nimport sqlalchemy\nfrom app.infra import queue"),
    ("app/web/application.py", "from app.triage import views\nimport flask"),
    ("workers/jobs.py", "import redis\nfrom app import pipeline\nfrom app.privacy import service"),
    ("app/cli.py", "import click"),
    ("app/commands.py", "import click\nfrom app.intake import service"),
]


def plant(tree: Path, path: str, source: str) -> None:
    """A tree with every feature and layer, empty, and `source` in the one at `path`."""
    for feature in FEATURES:
        for layer in LAYERS:
            if path.startswith(f"app/{feature}/{layer}/"):
                continue
            write(tree / "app" / feature / f"{layer}.py")
        write(tree / "app" / feature / "__init__.py")
    for name in AROUND:
        write(tree / "app" / f"{name}.py")
    for package in ("app", "app/infra", "app/web", "workers"):
        write(tree / package / "__init__.py")
    for extra in ("app/infra/queue.py", "app/intake/summary.py", "workers/jobs.py", "workers/up.py"):
        write(tree / extra)
    write(tree / path, source + "\n")


def write(path: Path, source: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)


@pytest.mark.parametrize(("path", "source", "reason"), WRONG)
def test_a_wrong_import_is_caught(tmp_path: Path, path: str, source: str, reason: str) -> None:
    plant(tmp_path, path, source)

    said = [why for each in imports(tmp_path) if (why := fault(each))]

    assert len(said) == 1
    assert reason in said[0]


@pytest.mark.parametrize(("path", "source"), RIGHT)
def test_a_right_import_passes(tmp_path: Path, path: str, source: str) -> None:
    plant(tmp_path, path, source)

    assert [why for each in imports(tmp_path) if (why := fault(each))] == []


def test_a_long_file_is_caught(tmp_path: Path) -> None:
    write(tmp_path / "workers" / "long.py", "x = 1\n" * 300)
    write(tmp_path / "app" / "short.py", "x = 1\n" * 299)

    assert too_long(tmp_path) == ["workers.long has 300 lines"]


def test_a_long_function_is_caught(tmp_path: Path) -> None:
    body = "    x = 1\n"
    source = f"async def over():\n{body * 60}\n\ndef just():\n{body * 59}"
    write(tmp_path / "app" / "some.py", source)

    assert too_long(tmp_path) == ["app.some.over has 61 lines"]


def test_a_stray_at_the_top_is_caught() -> None:
    assert strays(["app/cli.py", "README.md", ".gitignore", ".ci/run", "tools/x.py", "setup.cfg"]) == {
        "tools",
        "setup.cfg",
    }
    assert strays([".github/workflows/x.yml"]) == {".github"}
