"""Messages of a bot in Telegram: kept on this machine, or through its Bot API."""
