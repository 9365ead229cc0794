"""Sending letters: to the development mailbox or through SMTP."""
