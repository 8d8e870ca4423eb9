"""What the tests of the command line share."""

import pytest

from goodstanding.cli.main import main


@pytest.fixture
def run(capsys):
    """Run the command line; gives (exit code, stdout, stderr)."""

    def call(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        out = capsys.readouterr()
        return caught.value.code, out.out, out.err

    return call
