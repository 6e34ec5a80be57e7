"""Enrolling phones, one or a whole list: codes, and a sheet of QR codes to be printed."""
