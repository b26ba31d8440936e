"""The letters: Word templates people edit, the fields they may use, and the letters made of them."""
