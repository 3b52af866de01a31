"""A pretend outside world over real sockets: Telegram, PumpPortal and Birdeye, for people and for tests."""
