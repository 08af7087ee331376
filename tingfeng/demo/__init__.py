"""The demo: the sandbox's sites, the real service, and a window on what happens between them."""
