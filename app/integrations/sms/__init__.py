"""Text messages to telephones: kept on this machine, or through Twilio."""
