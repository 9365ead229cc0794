"""What every layer may lean on and what knows nothing of bookings.

Settings, the clock, ids, money, periods, cryptography, logs, languages, and the two doors to
PostgreSQL. Imports nothing else of the application.
"""
