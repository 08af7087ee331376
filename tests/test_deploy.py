"""The compose file, as far as it can be checked without a container engine; the topology runs as processes."""

from pathlib import Path
from typing import Any

import yaml

from tingfeng.fleet import parse_queues
from tingfeng.jobs import Queue

ROOT = Path(__file__).parents[1]


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return read


def test_there_is_a_database_a_service_and_a_worker_of_one_image() -> None:
    services = compose()["services"]
    assert set(services) == {"postgres", "service", "worker"}
    assert services["service"]["image"] == services["worker"]["image"] == "tingfeng"
    assert services["service"]["command"] == ["run"]


def test_the_worker_is_given_queues_that_there_are() -> None:
    command, option, queues = compose()["services"]["worker"]["command"]
    assert (command, option) == ("worker", "--queues")
    assert set(parse_queues(queues)) < set(Queue)


def test_whoever_needs_the_database_waits_until_it_is_well() -> None:
    services = compose()["services"]
    assert services["postgres"]["healthcheck"]["test"]
    for name in ("service", "worker"):
        assert services[name]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_every_volume_that_is_used_is_there_and_no_password_is_written_down() -> None:
    file = compose()
    mounts = [m for service in file["services"].values() for m in service.get("volumes", ())]
    named = {mount.split(":")[0] for mount in mounts if not mount.startswith(".")}
    assert named == set(file["volumes"])
    assert "PASSWORD: ${POSTGRES_PASSWORD:?" in (ROOT / "compose.yaml").read_text(encoding="utf-8")


def test_the_image_starts_the_command_as_nobody_special() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert 'ENTRYPOINT ["tingfeng"]' in lines
    assert "USER tingfeng" in lines
