"""Sign, verify and attest plugins, and judge them by a policy."""
