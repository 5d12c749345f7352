"""Runs the migrations on the connection that `infra.database.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from app.bootstrap import load_tables

load_tables()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
