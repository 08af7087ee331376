"""Channels: one file each; the class is its block in config.yaml."""

from typing import Annotated

from pydantic import Field

from alerts.notifiers.base import Notifier, SendError
from alerts.notifiers.console import Console
from alerts.notifiers.slack import Slack
from alerts.notifiers.webhook import Webhook

AnyNotifier = Annotated[Slack | Webhook | Console, Field(discriminator="type")]

__all__ = ["AnyNotifier", "Console", "Notifier", "SendError", "Slack", "Webhook"]
