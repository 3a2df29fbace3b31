"""The command line of chemprop, with the losses and metrics of maskloss."""

from chemprop.cli.main import main

if __name__ == "__main__":
    main()
