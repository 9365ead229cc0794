"""Banister: appointments with providers and seats at events, on one database."""
