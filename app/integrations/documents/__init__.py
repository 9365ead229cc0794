"""Looking into documents that people send: what they are, and whether they do anything."""
