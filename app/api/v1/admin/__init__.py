"""What is for those who look after the platform: one module for each of its stems."""
