"""The engine decides: it knows tokens, looks, scores and alerts, but no Telegram, no SQL and no environment."""
