"""Runs the migrations on the connection that `infra.database.migrate` hands over."""

from importlib import import_module

from alembic import context
from sqlmodel import SQLModel

FEATURES = ("audit", "staff", "senders", "intake", "attribution", "enforcement", "triage", "privacy")

import_module("app.infra.sealing")
for feature in FEATURES:
    import_module(f"app.{feature}.models")

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
