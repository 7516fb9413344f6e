"""Paths and line ends as Windows writes them, in every format that names a file. Parsing needs no Windows."""

from __future__ import annotations

import pytest

from fastapply.applier import Applier
from fastapply.text.several import split_files
from fastapply.types import ApplyRequest, Status

CODE = "x = 2\ny = 1\n"
FORMATS = {
    "diff": "--- {0}\n+++ {0}\n@@ -1,2 +1,2 @@\n-x = 1\n+x = 2\n y = 1\n",
    "search blocks": "{0}\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n",
    "patch": "*** Begin Patch\n*** Update File: {0}\n@@\n-x = 1\n+x = 2\n*** End Patch\n",
    "fence": "```python {0}\n" + CODE + "```\n",
    "path above a fence": "`{0}`\n\n```python\n" + CODE + "```\n",
}
PATHS = (r"src\app.py", r"C:\shop\src\app.py", "c:/shop/src/app.py")


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", FORMATS)
def test_the_path_is_read_as_it_is_written(form: str, path: str, end: str) -> None:
    update = FORMATS[form].format(path).replace("\n", end)
    assert [part.path for part in split_files(update)] == [path]


@pytest.mark.parametrize("form", FORMATS)
def test_the_line_ends_of_the_file_stay(form: str) -> None:
    for path in PATHS:
        for end in ("\n", "\r\n"):
            request = ApplyRequest("x = 1\r\ny = 1\r\n", FORMATS[form].format(path).replace("\n", end), path=path)
            result = Applier(None).apply(request)
            assert (result.status, result.text) == (Status.APPLIED, "x = 2\r\ny = 1\r\n"), (path, end)


def test_the_letters_that_git_puts_before_a_path_are_no_folder_with_backslashes_either() -> None:
    update = FORMATS["diff"].replace("--- {0}", r"--- a\src\app.py").replace("+++ {0}", r"+++ b\src\app.py")
    assert [part.path for part in split_files(update)] == [r"src\app.py"]
