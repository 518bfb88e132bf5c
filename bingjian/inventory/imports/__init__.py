"""Spreadsheets of existing cameras come in: read, judged row by row, then taken over whole or not at all."""
