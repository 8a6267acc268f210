"""A catalog as a static site: what each plugin runs, and how it is had."""
