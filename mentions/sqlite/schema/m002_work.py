"""The queues between the stages, crawl runs, and scheduled jobs."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.execute(
        "CREATE TABLE task (queue TEXT NOT NULL, mention INTEGER NOT NULL, due TEXT NOT NULL, "
        "version INTEGER NOT NULL DEFAULT 1, attempts INTEGER NOT NULL DEFAULT 0, owner TEXT, "
        "lease_until TEXT, error TEXT, quarantined INTEGER NOT NULL DEFAULT 0, "
        "PRIMARY KEY (queue, mention)) WITHOUT ROWID"
    )
    db.table("task").create_index(["queue", "quarantined", "due"])
    db.table("crawl_run").create(
        {
            "id": int,
            "source": str,
            "kind": str,
            "started": str,
            "finished": str,
            "pages": int,
            "seen": int,
            "new": int,
            "blocked": str,
            "cap_hit": int,
            "newest": str,
            "oldest": str,
            "error": str,
            "note": str,
        },
        pk="id",
    )
    db.table("crawl_run").create_index(["source", "kind", "id"])
    db.table("job").create({"name": str, "last_done": str, "last_error": str, "failed_at": str}, pk="name")
