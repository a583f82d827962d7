"""Run the command line, as `policygraph` or as `python -m policygraph`."""

import signal


def main() -> None:
    """Run the command line, which Ctrl-C ends from the start."""
    # Oxigraph cannot be interrupted by Python while it evaluates, nor is a traceback wanted of an import, so
    # Ctrl-C ends the process itself. Commands that have something to clear away, such as publish, handle it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from policygraph.cli.main import main

    main()


if __name__ == "__main__":
    main()
