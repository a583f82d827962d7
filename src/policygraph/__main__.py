"""Run the command line as `python -m policygraph`."""

from policygraph.cli.main import main

if __name__ == "__main__":
    main()
