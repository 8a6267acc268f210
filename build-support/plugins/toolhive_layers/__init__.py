"""Makes `./pants lint` refuse a forbidden import, as `check`, `test` and `package` do by themselves."""
