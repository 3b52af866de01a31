"""Storage remembers: the only package that knows SQL. It speaks in the engine's words."""
