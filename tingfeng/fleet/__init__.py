"""Many machines on one PostgreSQL: the jobs of `tingfeng.jobs`, handed out by Procrastinate."""

from tingfeng.fleet.worker import Fleet, parse_queues

__all__ = ["Fleet", "parse_queues"]
