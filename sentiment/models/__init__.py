"""The models that config.yaml can name, one a file. Importing this imports no model's library."""

from sentiment.models.snownlp import SnowNlp

AnyModel = SnowNlp
"""What a `model:` block can be. A second model makes this a union told apart by `type`."""

__all__ = ["AnyModel", "SnowNlp"]
