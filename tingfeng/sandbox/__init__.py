"""Small web sites of our own on loopback and a receiver of messages: Tingfeng at work without internet."""

from tingfeng.sandbox.answers import Answer, Kind
from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.receiver import Received, Receiver
from tingfeng.sandbox.server import Sandbox, Urls
from tingfeng.sandbox.world import World

__all__ = ["Answer", "Kind", "Received", "Receiver", "Sandbox", "StoryClock", "Urls", "World"]
