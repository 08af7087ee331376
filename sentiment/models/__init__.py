"""The models that config.yaml can name, one a file. Importing this imports no model's library."""

from typing import Annotated

from pydantic import Field

from sentiment.models.bundled import Bundled
from sentiment.models.snownlp import SnowNlp

AnyModel = Annotated[Bundled | SnowNlp, Field(discriminator="type")]
"""What a `model:` block can be."""

__all__ = ["AnyModel", "Bundled", "SnowNlp"]
