"""The terminal that Tingfeng runs in: needs no account, and is never the only channel of a real desk."""

import sys
from typing import Literal

from alerts.message import Message
from alerts.notifiers.base import Notifier, SendError


class Console(Notifier):
    """Writes the message to standard output."""

    type: Literal["console"]

    def send(self, message: Message) -> str | None:
        """See Notifier.send."""
        try:
            sys.stdout.write(f"\n{message.text()}\n\n")
            sys.stdout.flush()
        except (OSError, ValueError) as error:  # a closed pipe or a closed stream
            raise SendError(f"The console cannot be written to: {error}") from error
        return None
