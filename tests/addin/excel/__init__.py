"""The add-in: what it is made of, what its macros do, proved without Excel."""
