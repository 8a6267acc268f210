"""What is installed where: install, lock file, sync, upgrade."""
