import pytest

from sentiment.models import SnowNlp


@pytest.fixture(scope="session")
def snownlp() -> SnowNlp:
    """Loaded once: importing SnowNLP takes seconds."""
    model = SnowNlp()
    model.judge(["好"])
    return model
