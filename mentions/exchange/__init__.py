"""Mentions in and out: CSV, JSON lines, Excel and Parquet, and the exports of other vendors."""
