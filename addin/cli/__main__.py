"""`python -m addin.cli`: the command line without its installed name."""

from addin.cli import main

main()
