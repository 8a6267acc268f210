"""The metadata that all of the project's wheels share, so that a library's BUILD file says only what is its own."""
