"""The sandbox's sites, each a Starlette application over a World and a StoryClock."""
