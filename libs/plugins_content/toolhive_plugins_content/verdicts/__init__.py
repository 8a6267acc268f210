"""What each client would say of a plugin: whether it takes it, and why not."""
