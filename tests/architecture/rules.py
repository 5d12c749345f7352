"""The layering of docs/architecture.md as functions: why an import is not allowed, or None where it is.

between features   mail · audit · staff · senders · intake · attribution · compliance · enforcement · notices
                   · triage · insight · privacy: a feature imports only what stands to its left, and there only
                   `domain` and `service`; `mail` is a library: freely
inside a feature   domain ← models ← store ← service ← forms, guards ← views, api, cli; any other file name
                   counts as domain; a package or a `…_cli.py` counts as what it is named for
inside mail        mime · fields · dkim · repair · inline · outlook · formats: a folder imports only what stands
                   to its left, and of the files beside them those that all share
around them        the ground (errors, values, settings, ports, uow, jobs) knows no feature but `mail`; infra neither,
                   but for the migrations, which read every table; `app` never imports `workers`
vendors            each in its place
"""

from __future__ import annotations

from typing import NamedTuple

from tests.architecture.imports import Import

FEATURES = (
    "mail",
    "audit",
    "staff",
    "senders",
    "intake",
    "attribution",
    "compliance",
    "enforcement",
    "notices",
    "triage",
    "insight",
    "privacy",
)
RANKS = {"domain": 0, "models": 1, "store": 2, "service": 3, "forms": 4, "guards": 4, "views": 5, "api": 5, "cli": 5}
MAIL = ("mime", "fields", "dkim", "repair", "inline", "outlook", "formats")
"""The folders of `mail`."""

MAIL_SHARED = ("domain", "limits", "original", "report")
"""The files of `mail` that its folders may import."""

GROUND = ("errors", "values", "settings", "ports", "uow", "jobs")
OFFERED = ("domain", "service")
"""What a feature shows to the features on its right, and to the pipeline and the workers."""

EDGES = ("forms", "guards", "views", "api", "cli")
WEB = ("forms", "guards", "views", "api", "web", "wsgi")
ROWS = ("models", "store", "uow", "infra", "bootstrap")
PLACES = {
    "flask": WEB,
    "werkzeug": WEB,
    "wtforms": WEB,
    "flask_wtf": WEB,
    "flask_security": WEB,
    "flask_login": WEB,
    "flask_principal": WEB,
    "flask_limiter": WEB,
    "sqlmodel": ROWS,
    "sqlalchemy": ROWS,
    "psycopg": ("infra",),
    "alembic": ("infra",),
    "redis": ("infra", "bootstrap", "workers"),
    "rq": ("infra", "workers"),
    "dkim": ("mail",),
    "click": ("cli",),
}
"""Vendor → the layers, or app-level modules, that may import it."""

MIGRATIONS = "app.infra.migrations.env"


class Spot(NamedTuple):
    """Where a module stands. part: the feature, or `infra`, `web`, `workers`, or the name of an app-level file.
    layer: inside a feature its layer; elsewhere the same as `part`, but `cli` for a file of that name and for
    `app/commands….py`."""

    part: str
    layer: str

    @property
    def feature(self) -> bool:
        return self.part in FEATURES


def spot(module: str) -> Spot:
    """Where the module `app.….…` or `workers.…` stands."""
    parts = module.split(".")
    if parts[0] == "workers" or len(parts) == 1:
        return Spot(parts[0], parts[0])
    part, inside = parts[1], parts[2:]
    if part not in FEATURES:
        return Spot(part, "cli" if inside == ["cli"] or part.startswith("commands") else part)
    return Spot(part, _layer(inside[0]) if inside else "domain")


def _layer(name: str) -> str:
    last = name.rpartition("_")[2]
    return last if last in RANKS else "domain"


def fault(each: Import) -> str | None:
    """Why this import may not be, in a sentence; None where it may."""
    importer = spot(each.importer)
    vendor = each.imported.split(".")[0]
    if vendor in PLACES:
        return _vendor_fault(importer, vendor)
    if vendor not in ("app", "workers"):
        return None
    imported = spot(each.imported)
    if importer.part == imported.part == "mail":
        return _mail_fault(_place(each.importer), _place(each.imported))
    if imported.part == "workers":
        return None if importer.part == "workers" else "app never imports workers"
    if each.importer == MIGRATIONS:
        return None
    if importer.feature:
        return _feature_fault(importer, imported)
    return _around_fault(importer, imported)


def _place(module: str) -> str:
    """The folder or the file of `mail` that this module of it is or stands in; "" for the package itself."""
    return module.split(".")[2] if module.count(".") > 1 else ""


def _mail_fault(importer: str, imported: str) -> str | None:
    if importer not in MAIL:
        return None
    if imported not in MAIL:
        return None if imported in MAIL_SHARED else f"a folder of mail does not import {imported}"
    if MAIL.index(imported) <= MAIL.index(importer):
        return None
    return f"{imported} stands to the right of {importer}"


def _vendor_fault(importer: Spot, vendor: str) -> str | None:
    places = PLACES[vendor]
    if importer.part in places or importer.layer in places:
        return None
    return f"{vendor} belongs in {', '.join(places)}"


def _feature_fault(importer: Spot, imported: Spot) -> str | None:
    if imported.part == importer.part:
        return _inside_fault(importer, imported)
    if imported.feature:
        return _between_fault(importer, imported)
    if imported.part in GROUND:
        return None if imported.part != "uow" or RANKS[importer.layer] >= RANKS["store"] else "domain is pure"
    if imported.part == "infra":
        rows = importer.layer in ("models", "store") or importer.layer in EDGES
        return None if rows else "only models, store and the edges know infra"
    if imported.part in ("bootstrap", "web", "app"):
        return None if importer.layer in EDGES or imported.part == "app" else "only the edges know how it is wired"
    return f"a feature does not know {imported.part}"


def _inside_fault(importer: Spot, imported: Spot) -> str | None:
    if importer.layer == imported.layer:
        return None
    if RANKS[imported.layer] < RANKS[importer.layer]:
        return None
    return f"inside a feature {importer.layer} does not import {imported.layer}"


def _between_fault(importer: Spot, imported: Spot) -> str | None:
    if FEATURES.index(imported.part) > FEATURES.index(importer.part):
        return f"{imported.part} stands to the right of {importer.part}"
    if imported.part == "mail":
        return None
    guarded = imported == Spot("staff", "guards") and importer.layer in ("views", "api")
    if imported.layer not in OFFERED and not guarded:
        return f"{imported.part} offers its domain and its service, not its {imported.layer}"
    if RANKS[imported.layer] > RANKS[importer.layer]:
        return f"{importer.layer} does not import another feature's {imported.layer}"
    return None


def _around_fault(importer: Spot, imported: Spot) -> str | None:
    if imported.part == "mail" or not imported.feature:
        return _ground_fault(importer, imported)
    if importer.part in GROUND or importer.part in ("infra", "bootstrap"):
        return f"{importer.part} knows no feature"
    shown = (*OFFERED, *EDGES) if importer.part in ("web", "wsgi") else OFFERED
    if imported.layer not in shown:
        return f"{importer.part} sees of a feature only {', '.join(shown)}"
    return None


def _ground_fault(importer: Spot, imported: Spot) -> str | None:
    allowed = {"infra": (*GROUND, "infra", "mail"), "bootstrap": (*GROUND, "infra", "mail", "bootstrap")}
    if importer.part in GROUND:
        return None if imported.part in (*GROUND, "mail", "app") else "the ground stands on nothing"
    if importer.part in allowed and importer.layer != "cli" and imported.part not in (*allowed[importer.part], "app"):
        return f"{importer.part} does not know {imported.part}"
    return None
