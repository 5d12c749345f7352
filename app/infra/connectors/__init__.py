"""The mail servers and platforms that our orders go to, one module a kind; each has `from_settings`."""

from __future__ import annotations

from app.infra.connectors import kumomta, postfix, webhook
from app.ports import Connector
from app.settings import Settings


def connectors_from(settings: Settings) -> tuple[Connector, ...]:
    """A connector for each mail server that the settings name.

    Raises Rejected where they name one in a way that cannot work.
    """
    return (*postfix.from_settings(settings), *kumomta.from_settings(settings), *webhook.from_settings(settings))
