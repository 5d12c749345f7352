"""The database's history, by Alembic. New revision: see CONTRIBUTING.md."""
