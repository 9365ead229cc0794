"""Tables for those who go on reckoning elsewhere."""
