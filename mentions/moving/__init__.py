"""The store as a whole: moved from SQLite to PostgreSQL, backed up, restored, and held to what it was."""
