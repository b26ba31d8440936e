"""The book: what the sheets are, and how rows get in and out."""
