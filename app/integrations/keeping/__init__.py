"""What would have been sent, kept in files on this machine for people who develop and for tests."""
