"""What both stores do with the same SQL; where the two databases differ, `Database` says how."""
