"""Pictures of what the bot says, for the README: `python -m deploy.sandbox.pictures` makes them anew."""
