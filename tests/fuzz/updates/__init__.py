"""Hostile updates through the real dispatcher: who sends them stands in `people`, what they say in `words`."""
