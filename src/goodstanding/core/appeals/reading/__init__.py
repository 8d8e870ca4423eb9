"""A notice that some other system wrote, read into values: stage, reasons, what is asked, until when (requirement D1)."""
