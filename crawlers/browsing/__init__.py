"""What needs a browser: pages that only a script can read, and pictures of pages."""
