"""The crawler: one long-lived child process makes all visits, and is replaced when it hangs, grows or dies."""
