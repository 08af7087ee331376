"""config.yaml: what it may say, and every mistake in it at once."""

from tingfeng.config.blocks import Config
from tingfeng.config.loading import BadConfig, Mistake, load_config

__all__ = ["BadConfig", "Config", "Mistake", "load_config"]
