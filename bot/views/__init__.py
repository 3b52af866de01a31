"""Values become text entities and keyboards; nothing here reads, sends or remembers."""
